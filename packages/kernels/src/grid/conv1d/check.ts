import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { conv1d, convolvedTokens } from './index.ts';
import { conv1dReference } from './reference.ts';

/** `[batch, tokens, window, in_channels, out_channels]`. */
const convCase = (
  [batch, tokens, window, in_channels, out_channels]: readonly [number, number, number, number, number],
  options: NonNullable<CheckCase['options']> = {},
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  ...rest,
  axes: {
    batch,
    tokens,
    window,
    in_channels,
    out_channels,
    out_tokens: convolvedTokens(tokens, window, options),
  },
  options,
});

export const check: KernelCheck = {
  kernel: conv1d,
  reference: conv1dReference,
  cost: ({ axes }, bytes) => {
    const { batch, out_tokens, window, in_channels, out_channels } = axes as Record<string, number>;
    return { bytes, flops: 2 * batch! * out_tokens! * window! * in_channels! * out_channels! };
  },
  cases: [
    convCase([1, 1, 1, 1, 1]),
    convCase([2, 9, 3, 5, 8], { stride: 2, padding: 1, bias: true }),
    convCase([2, 21, 4, 8, 3], { stride: 3, padding: 2, padding_end: 5 }),
    convCase([3, 17, 5, 12, 16], { dilation: 2, padding: 8, padding_end: 0, bias: true }),
    convCase([1, 3, 7, 4, 4], { padding: 5 }, { name: 'windows wider than the tokens' }),
    convCase([1, 131, 2, 67, 20], { stride: 2 }, { name: 'values to 1e4', scale: { x: 1e4 } }),
  ],
  workloads: [
    {
      ...convCase([1, 64, 4, 64, 64], { stride: 4 }),
      name: 'keys shortened fourfold',
      model: 'Speechformer, small',
      size: 'small',
    },
    {
      ...convCase([1, 1500, 4, 512, 512], { stride: 4 }),
      name: 'keys shortened fourfold',
      model: 'Speechformer',
      size: 'large',
    },
  ],
  // Sums of window · in_channels terms in another order.
  floor: ({ axes }) => (2 + Math.sqrt(axes.window! * axes.in_channels!)) * 2 ** -24,
};
