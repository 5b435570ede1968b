// What the long convolutions along one axis and along two have in common.
import { type Extent, times } from '@tilewright/kernels';
import { longConv } from '@tilewright/kernels/long-conv';
import type { InferContext, KernelRequest, LoweringContext, Node, ValueType } from '../../ir.ts';
import { dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, numbersOf, rank } from '../shapes.ts';
import { packedAs } from './packed-heads.ts';

export const longConvolutionInputs = [
  { name: 'x', kind: 'required' },
  { name: 'h', kind: 'required' },
  { name: 'D', kind: 'optional' },
] as const;

/** The type of y. `axes` are those that the filter runs along. Throws `bad-graph` and `bad-dtype` for what does not fit. */
export function longConvolutionTypes(
  context: InferContext<unknown>,
  axes: number,
  centred: boolean,
): Readonly<Record<string, ValueType>> {
  const { subject, inputs } = context;
  const [x, h] = [inputs.x!, inputs.h!];
  elementType(subject, 'x', x, floats);
  elementType(subject, 'h', h, floats);
  rank(subject, 'x', x, axes + 2);
  rank(subject, 'h', h, axes + 1);
  const sizes = numbersOf(subject, 'h', h.shape);
  packedAs(context, 'x', [...x.shape.slice(0, -1), sizes.at(-1)!]);
  packedAs(context, 'D', sizes.slice(-1));
  if (centred && sizes.at(-2)! % 2 === 0)
    throw badNode(subject, `'h' has ${sizes.at(-2)} taps`, 'both ways it has a centre, and an odd number');
  return { y: x };
}

export function longConvolutionRequest(
  { inputs: { x, h, D }, outputs }: Pick<Node, 'inputs' | 'outputs'>,
  context: LoweringContext,
  centred: boolean,
): KernelRequest {
  const { shape } = context.values[x!]!;
  const filter = context.values[h!]!.shape as readonly number[];
  const [taps, channels] = filter.slice(-2) as [number, number];
  const tapRows = filter.length === 3 ? filter[0]! : 1;
  const [batch, columns] = [shape[0]!, shape.at(-2)!];
  const rows: Extent = shape.length === 4 ? shape[1]! : 1;
  const bindings = { x: x!, h: h!, ...(D && { skip: D }), y: outputs.y! };
  return {
    kernels: [longConv],
    problem: {
      axes: {
        batch: context.planned(batch),
        rows: context.planned(rows),
        columns: context.planned(columns),
        channels,
        tap_rows: tapRows,
        taps,
      },
      dtypes: dtypesOf(context, bindings),
      options: { centred, skip: D !== undefined },
    },
    bindings,
    sizes: { batch, rows, columns },
    flops: times(times(batch, times(rows, columns)), channels * taps * tapRows),
  };
}
