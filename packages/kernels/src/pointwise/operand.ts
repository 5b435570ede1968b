import type { FillingBinding } from '../contract/filling.ts';

/** A number of places or elements: known, or given at each run as `compute_<operand>_<uniform>`, a multiple of a known one. */
export type OperandDistance = number | { readonly uniform: string; readonly multipleOf: number };

/** An operand laid out by strides, in elements: a slice, a transpose, a broadcast over some axes. */
export interface StridedOperand {
  /** Shape of the tensor bound: `rows`, `columns`, or sizes. */
  readonly shape: readonly (string | number)[];
  /** Sizes of all axes that `rows` unfolds to but the first, which is what remains. Default none. */
  readonly sizes?: readonly OperandDistance[];
  /** Elements between neighbours along the first axis, along each of `sizes`, and along the columns, which is a
   * number; 0 broadcasts. */
  readonly strides: readonly OperandDistance[];
  /** Elements before the first one. Default 0. */
  readonly offset?: number;
}

/**
 * How an operand spreads over `[rows, columns]`: `full` has that shape, `row` is `[rows]`, `column` is `[columns]`,
 * `scalar` is `[1]`, `uniform` a number given at encode time as `compute_<name>`.
 */
export type ElementwiseOperand = 'full' | 'row' | 'column' | 'scalar' | 'uniform' | StridedOperand;

/** What is bound for an operand; nothing for a uniform. */
export function operandBinding(operand: ElementwiseOperand, width: 1 | 4): FillingBinding | undefined {
  switch (operand) {
    case 'uniform':
      return undefined;
    case 'full':
      return { shape: ['rows', 'columns'], dtype: 'float', width, order: 'rows' };
    case 'column':
      return { shape: ['columns'], dtype: 'float', width };
    case 'row':
      return { shape: ['rows'], dtype: 'float' };
    case 'scalar':
      return { shape: [1], dtype: 'float' };
    default:
      return { shape: operand.shape, dtype: 'float', width: isContiguous(operand, width) ? width : 1 };
  }
}

/** WGSL for the operand's value at `row` and `unit` (a column, or four neighbouring ones); `name` is its identifier. */
export function operandWgsl(operand: ElementwiseOperand, width: 1 | 4, slot: string, name: string): string {
  const load = `${slot}_${name}_load`;
  const splat = (value: string): string => (width === 4 ? `vec4(${value})` : value);
  switch (operand) {
    case 'uniform':
      return splat(`params.${slot}_${name}`);
    case 'full':
      return `${load}(row * UNITS + unit)`;
    case 'column':
      return `${load}(unit)`;
    case 'row':
      return splat(`${load}(row)`);
    case 'scalar':
      return splat(`${load}(0u)`);
    default: {
      const stride = operand.strides.at(-1)!;
      const start = rowOffset(operand, `params.${slot}_${name}`);
      if (stride === 0) return splat(`${load}(${start})`);
      if (width === 1) return `${load}(${start} + unit * ${stride as number}u)`;
      if (isContiguous(operand, width)) return `${load}((${start}) / 4u + unit)`;
      const each = [0, 1, 2, 3].map((j) => `${load}(${start} + (4u * unit + ${j}u) * ${stride as number}u)`);
      return `vec4(${each.join(', ')})`;
    }
  }
}

/** The index of the operand's element that belongs to `row` and `column`. */
export function operandIndex(
  operand: ElementwiseOperand,
  row: number,
  column: number,
  columns: number,
  valueOf: (uniform: string) => number,
): number {
  if (operand === 'full') return row * columns + column;
  if (typeof operand === 'string') return operand === 'row' ? row : operand === 'column' ? column : 0;
  const { sizes = [], strides, offset = 0 } = operand;
  const number = (distance: OperandDistance): number =>
    typeof distance === 'number' ? distance : valueOf(distance.uniform);
  let index = offset + column * number(strides.at(-1)!);
  let rest = row;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = number(sizes[axis]!);
    index += (rest % size) * number(strides[axis + 1]!);
    rest = Math.floor(rest / size);
  }
  return index + rest * number(strides[0]!);
}

/** What only a run knows of an operand. */
export const operandUniforms = (operand: ElementwiseOperand): readonly string[] =>
  typeof operand === 'string'
    ? []
    : [...(operand.sizes ?? []), ...operand.strides].flatMap((each) =>
        typeof each === 'number' ? [] : [each.uniform],
      );

function rowOffset({ sizes = [], strides, offset = 0 }: StridedOperand, run: string): string {
  const term = (distance: OperandDistance): string =>
    typeof distance === 'number' ? `${distance}u` : `${run}_${distance.uniform}`;
  const terms = [`${offset}u`];
  let divisor = 1;
  let divisors = '';
  const add = (stride: OperandDistance, digit: string): void => {
    if (stride !== 0) terms.push(`row / ${divisor}u${divisors}${digit} * ${term(stride)}`);
  };
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = sizes[axis]!;
    add(strides[axis + 1]!, ` % ${term(size)}`);
    if (typeof size === 'number') divisor *= size;
    else divisors += ` / ${term(size)}`;
  }
  add(strides[0]!, '');
  return terms.join(' + ');
}

/** Whether four neighbouring columns are one aligned vector of the tensor. */
function isContiguous({ strides, offset = 0 }: StridedOperand, width: 1 | 4): boolean {
  const starts = [...strides.slice(0, -1), offset];
  return (
    strides.at(-1) === 1 &&
    starts.every((start) => (typeof start === 'number' ? start : start.multipleOf) % width === 0)
  );
}
