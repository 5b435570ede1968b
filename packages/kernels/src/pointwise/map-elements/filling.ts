import { anyValue, checkOptions, optional, positiveInteger } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Filling, FillingBinding } from '../../contract/filling.ts';
import type { UniformType } from '../../contract/storage-type.ts';
import { type ElementwiseOperand, operandBinding, operandUniforms, operandWgsl } from '../operand.ts';

/** An operand: a tensor, numbers that are written into the WGSL, or the place of an element. */
export interface MapOperand {
  /** What the function gets of it; a tensor of f16 gives f32. */
  readonly type: UniformType;
  /** Which of its elements belongs to which of the result; default `full`. */
  readonly spread?: ElementwiseOperand;
  /** It is no tensor, but these numbers. */
  readonly known?: readonly number[];
  /** It is no tensor: its element `i` is `i`, a u32. With strides that is a coordinate of the result. */
  readonly places?: boolean;
  /** It is no parameter: the function reads which elements it wants of a tensor of this shape. */
  readonly whole?: readonly (string | number)[];
}

export interface MapFillingInput {
  /** Names the function: two with the same id and operands are the same. */
  readonly id: string;
  /** In the order of the function's parameters, which have these names. */
  readonly operands: Readonly<Record<string, MapOperand>>;
  readonly result: UniformType;
  /**
   * The body of a WGSL function of one element of each operand; `load` gives the name of the function that reads element `i` of an operand
   * that is whole.
   */
  readonly wgsl: string | ((load: (operand: string) => string) => string);
  /** The problem's `columns`. */
  readonly columns: number;
  /** The same in f64, for oracles; graphs have meanings instead. */
  readonly meaning?: (...operands: number[]) => number;
  /** The same of a function that reads whole operands: `load` gives element `i` of one. */
  readonly reading?: (load: (operand: string, i: number) => number, ...operands: number[]) => number;
}

/** What the kernel and its oracle know of a filling of the slot `compute`. */
export type MapReference = Pick<MapFillingInput, 'operands' | 'result' | 'meaning' | 'reading'> & {
  /** Columns handled by one call. */
  readonly width: 1 | 4;
};

/**
 * Fills the slot `compute` of `map-elements` with a function of single elements. Each operand that is a tensor is bound as
 * `compute.<operand>`.
 *
 * @throws `bad-argument` for arguments of another kind, and for numbers that are not of their operand's type.
 */
export function mapFilling(input: MapFillingInput): Filling<MapReference> {
  checkOptions('mapFilling', input, {
    id: anyValue,
    operands: anyValue,
    result: anyValue,
    wgsl: anyValue,
    columns: positiveInteger,
    meaning: optional(anyValue),
    reading: optional(anyValue),
  });
  const { id, operands, result, wgsl, columns, meaning, reading } = input;
  const width = columns % 4 === 0 ? 4 : 1;
  const bindings: Record<string, FillingBinding> = {};
  const uniforms: Record<string, UniformType> = {};
  for (const [name, { type, spread = 'full', known, places, whole }] of Object.entries(operands)) {
    checkKnown(name, type, known);
    const binding = whole ? { shape: whole } : operandBinding(spread, width);
    if (binding && !known && !places) bindings[name] = { ...binding, dtype: type === 'f32' ? 'float' : type };
    if (spread === 'uniform') uniforms[name] = type;
    else for (const uniform of operandUniforms(spread)) uniforms[`${name}_${uniform}`] = 'u32';
  }
  return {
    id: `${id} ${result} ${JSON.stringify(operands)} x${width}`,
    bindings,
    uniforms,
    wgsl: (slot) => {
      const names = Object.keys(operands).filter((name) => !operands[name]!.whole);
      const body = typeof wgsl === 'string' ? wgsl : wgsl((name) => `${slot}_${name}_load`);
      const parameters = names.map((name) => `${name}: ${operands[name]!.type}`).join(', ');
      const call = (component: string): string =>
        `${slot}_element(${names.map((name) => `operand_${name}${component}`).join(', ')})`;
      return [
        ...Object.entries(operands).map(([name, operand]) =>
          withoutTensor(`${slot}_${name}`, operand, width),
        ),
        `fn ${slot}_element(${parameters}) -> ${result} { ${body} }`,
        `fn ${slot}(row: u32, unit: u32) -> ${width === 4 ? `vec4<${result}>` : result} {`,
        ...names.map((name) => {
          const { spread = 'full' } = operands[name]!;
          return `  let operand_${name} = ${operandWgsl(spread, width, slot, name)};`;
        }),
        width === 4
          ? `  return vec4<${result}>(${['.x', '.y', '.z', '.w'].map(call).join(', ')});`
          : `  return ${call('')};`,
        '}',
      ].join('\n');
    },
    reference: { operands, result, width, ...(meaning && { meaning }), ...(reading && { reading }) },
  };
}

/** The accessor of an operand that has no tensor, as wide as a tensor's would be. */
function withoutTensor(
  name: string,
  { type, spread = 'full', known, places, whole }: MapOperand,
  width: 1 | 4,
): string {
  if (!known && !places) return '';
  const at = (i: string): string => (known ? `${name}_known[${i}]` : `${type}(${i})`);
  const table = known
    ? `var<private> ${name}_known: array<${type}, ${known.length}> = array<${type}, ${known.length}>(${known
        .map((value) => literal(value, type))
        .join(', ')});\n`
    : '';
  const wide = !whole && operandBinding(spread, width)?.width === 4;
  const value = wide ? `vec4<${type}>(${[0, 1, 2, 3].map((k) => at(`4u * i + ${k}u`)).join(', ')})` : at('i');
  return `${table}fn ${name}_load(i: u32) -> ${wide ? `vec4<${type}>` : type} { return ${value}; }`;
}

/** A number as WGSL writes it. */
function literal(value: number, type: UniformType): string {
  if (type === 'u32') return `${value}u`;
  // The least one has no literal: its sign is an operation.
  if (type === 'i32') return value === -(2 ** 31) ? 'i32(-2147483647 - 1)' : `i32(${value})`;
  // With an exponent: integers beyond 64 bits have no literal either.
  return `f32(${Math.fround(value).toExponential()})`;
}

function checkKnown(name: string, type: UniformType, known: readonly number[] = []): void {
  const [least, most] = type === 'u32' ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1];
  const isOfType = (value: number): boolean =>
    type === 'f32'
      ? Number.isFinite(Math.fround(value))
      : Number.isInteger(value) && value >= least && value <= most;
  const stray = known.find((value) => !isOfType(value));
  if (stray !== undefined)
    throw new TilewrightError('bad-argument', {
      subject: 'map-elements',
      problem: `the operand '${name}' holds ${stray}`,
      requirement: `what is known of it must be finite ${type}`,
      fix: 'give it as a tensor',
    });
}
