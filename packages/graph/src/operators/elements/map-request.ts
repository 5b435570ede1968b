import type { Extent, UniformType } from '@tilewright/kernels';
import {
  mapElements,
  mapFilling,
  type MapFillingInput,
  type MapOperand,
} from '@tilewright/kernels/map-elements';
import { numbersOf } from '../../extent/index.ts';
import type { ElementType, KernelRequest, LoweringContext, Node } from '../../ir.ts';
import { type Operand, operandOf, spreadRequest } from '../pointwise/spread-request.ts';
import { badNode } from '../shapes.ts';

/**
 * What an operand of a function of elements is: a value, a number, the coordinate along an axis of the result (u32), or a value of which
 * the function reads what it wants.
 */
export type ElementSource =
  | { readonly whole: string }
  | { readonly value: string; readonly type?: UniformType }
  | { readonly number: Extent; readonly type?: UniformType }
  | { readonly axis: number };

/** A function of single elements. */
export interface ElementFunction {
  /** Names the function among those of its operator. */
  readonly id: string;
  /** By the names that the function's parameters have. */
  readonly operands: Readonly<Record<string, ElementSource>>;
  /** The body of a WGSL function; `load` gives the name of the function that reads element `i` of a whole operand. */
  readonly wgsl: MapFillingInput['wgsl'];
}

/** What WGSL computes with elements of this type as. */
export const computedType = (dtype: ElementType): UniformType =>
  dtype === 'i32' || dtype === 'u32' ? dtype : 'f32';

/**
 * One output of a node as a function of elements. Integers that are known are written into the kernel, or given at each run. Throws
 * `bad-graph` for several that only a run knows.
 */
export function mapRequest(
  node: Pick<Node, 'name' | 'operator' | 'outputs'>,
  output: string,
  { id, operands, wgsl }: ElementFunction,
  context: LoweringContext,
): KernelRequest {
  const y = node.outputs[output]!;
  const { dtype, shape } = context.values[y]!;
  const spread: Record<string, readonly [string, Operand]> = {};
  const kinds: Record<string, MapOperand> = {};
  const sizes: Record<string, Extent> = {};
  const giveNumber = (name: string, size: Extent, type: UniformType): void => {
    const isKnown = typeof size === 'number';
    kinds[name] = { type, ...(isKnown && { known: [size] }) };
    spread[name] = [y, isKnown ? shape.map(() => 0) : 'uniform'];
    if (!isKnown) sizes[`compute_${name}`] = size;
  };
  for (const [name, source] of Object.entries(operands)) {
    if ('axis' in source) {
      kinds[name] = { type: 'u32', places: true };
      spread[name] = [y, shape.map((_, axis) => (axis === source.axis ? 1 : 0))];
      continue;
    }
    if ('whole' in source) {
      const { shape: held, dtype: type } = context.values[source.whole]!;
      const known = numbersOf(context.contents[source.whole] ?? []);
      kinds[name] = {
        type: computedType(type),
        whole: held.map((size) => (typeof size === 'number' ? size : 'rows')),
        ...(known?.length && { known }),
      };
      spread[name] = [source.whole, shape.map(() => 0)];
      continue;
    }
    if ('number' in source) {
      giveNumber(name, source.number, source.type ?? 'i32');
      continue;
    }
    const { value, type = computedType(context.values[value]!.dtype) } = source;
    const elements = context.contents[value];
    const known = elements && numbersOf(elements);
    if (elements?.length === 1) giveNumber(name, elements[0]!, type);
    else if (elements && !known)
      throw badNode(
        node.name,
        `'${value}' holds several sizes that only a run knows`,
        'a kernel is given one at most',
      );
    else {
      kinds[name] = { type, ...(known && { known }) };
      spread[name] = [value, operandOf(value, shape, context)];
    }
  }
  const result = computedType(dtype);
  const request = spreadRequest(
    {
      kernel: mapElements,
      y,
      operands: spread,
      fill: (input) =>
        mapFilling({
          id: `${node.operator.id} ${id}`,
          operands: Object.fromEntries(
            Object.entries(kinds).map(([name, kind]) => [name, { ...kind, spread: input.operands[name]! }]),
          ),
          result,
          wgsl,
          columns: input.columns,
        }),
    },
    context,
  );
  return {
    ...request,
    problem: {
      ...request.problem,
      dtypes: { ...request.problem.dtypes, y: dtype === 'f16' ? 'f16' : result },
    },
    sizes: { ...request.sizes, ...sizes },
  };
}
