import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { attentionFree } from './index.ts';
import { attentionFreeReference } from './reference.ts';

const sizes = (
  [batch, tokens, channels]: readonly [number, number, number],
  options: CheckCase['options'] = {},
  rest: Partial<CheckCase> = {},
): CheckCase => ({ ...rest, axes: { batch, tokens, channels }, options });

export const check: KernelCheck = {
  kernel: attentionFree,
  reference: attentionFreeReference,
  cost: ({ axes, options }, bytes) => ({
    bytes,
    flops:
      axes.batch! *
      axes.tokens! *
      axes.channels! *
      (options.bias ? (options.causal ? 3 : 6) * axes.tokens! : 10),
  }),
  cases: [
    sizes([1, 1, 1]),
    sizes([2, 9, 7], { bias: true }),
    sizes([1, 33, 5], { causal: true }),
    sizes([3, 17, 4], { causal: true, bias: true }, { scalars: { window: 3 } }),
    sizes([2, 20, 3], { bias: true }, { scalars: { window: 100 } }),
    sizes([1, 65, 8], { causal: true }, { name: 'large keys', scale: { k: 100 } }),
    sizes([2, 130, 6]),
    sizes([1, 200, 12], {}, { name: 'large keys', scale: { k: 100 } }),
    sizes([2, 300, 20], { causal: true }),
  ],
  workloads: [
    { ...sizes([1, 96, 32], { causal: true }), name: 'simple', model: 'AFT, small', size: 'small' },
    {
      ...sizes([1, 1024, 512], { causal: true, bias: true }),
      name: 'full',
      model: 'AFT, enwik8',
      size: 'large',
    },
  ],
  // Sums of up to `tokens` terms in another order, and an exponential of 3 + 2|x| units in the last place.
  floor: ({ axes, scale }) => (Math.sqrt(axes.tokens!) + 16 * (scale?.k ?? 1)) * 2 ** -24,
};
