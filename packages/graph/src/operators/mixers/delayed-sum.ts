import { times } from '@tilewright/kernels';
import { delayedSum as delayedSumKernel } from '@tilewright/kernels/delayed-sum';
import { printShape } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { badNode, elementType, floats, rank } from '../shapes.ts';
import { packedAs } from './packed-heads.ts';

/**
 * `y_t = Σ_i weights_i x_{(t + delays_i) mod T}`, each batch row with delays of its own: the last part of AutoCorrelation. `x` and `y` `[batch, T,
 * channels]`, `weights` `[batch, delays]` in f32 or f16, `delays` u32 likewise.
 */
export const delayedSum: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'DelayedSum',
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'weights', kind: 'required' },
    { name: 'delays', kind: 'required' },
  ],
  infer: (context) => {
    const { subject, inputs } = context;
    const { x, weights, delays } = inputs;
    elementType(subject, 'x', x!, floats);
    rank(subject, 'x', x!, 3);
    rank(subject, 'delays', delays!, 2);
    elementType(subject, 'delays', delays!, ['u32']);
    packedAs(context, 'weights', [x!.shape[0]!, delays!.shape[1]!]);
    if (weights!.shape[1] === 0)
      throw badNode(
        subject,
        `'weights' has shape ${printShape(weights!.shape)}`,
        'there is one delay or more',
      );
    return { y: x! };
  },
  lower: ({ inputs: { x, weights, delays }, outputs }, context) => {
    const [batch, tokens] = [dimensionOf(context, x!, 0), dimensionOf(context, x!, 1)];
    const [channels, count] = [staticSize(context, x!, 2), staticSize(context, weights!, 1)];
    const bindings = {
      x: x!,
      weights: weights!,
      delays: delays!,
      y: outputs.y!,
    };
    return {
      kernels: [delayedSumKernel],
      problem: {
        axes: {
          batch: context.planned(batch),
          tokens: context.planned(tokens),
          channels,
          delays: count,
        },
        dtypes: dtypesOf(context, bindings),
      },
      bindings,
      sizes: { batch, tokens },
      flops: times(times(batch, tokens), 2 * channels * count),
    };
  },
});
