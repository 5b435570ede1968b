import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { delayedSum } from './index.ts';
import { delayedSumReference } from './reference.ts';

const sizes = (
  [batch, tokens, channels, delays]: readonly [number, number, number, number],
  rest: Partial<CheckCase> = {},
): CheckCase => ({ ...rest, axes: { batch, tokens, channels, delays } });

/** Delays up to `reach`. */
const drawn =
  (reach: (tokens: number) => number): DrawInputs =>
  ({ axes }, random) => ({
    delays: Uint32Array.from({ length: axes.batch! * axes.delays! }, () =>
      Math.floor(random() * reach(axes.tokens!)),
    ),
  });

export const check: KernelCheck = {
  kernel: delayedSum,
  reference: delayedSumReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: 2 * axes.batch! * axes.tokens! * axes.channels! * axes.delays!,
  }),
  cases: [
    sizes([1, 1, 1, 1]),
    sizes([3, 7, 5, 7]),
    sizes([2, 33, 8, 4]),
    sizes([2, 64, 12, 1], { scale: { x: 1e20 } }),
    sizes([70_001, 1, 4, 2]),
    sizes([2, 13, 3, 3], {
      name: 'delays of any size',
      inputs: drawn(() => 2 ** 32),
    }),
  ],
  workloads: [
    {
      ...sizes([4, 96, 64, 5]),
      name: 'delays',
      model: 'autoformer, small',
      size: 'small',
    },
    {
      ...sizes([32, 336, 512, 6]),
      name: 'delays',
      model: 'autoformer',
      size: 'large',
    },
  ],
  inputs: drawn((tokens) => tokens),
  // One sum in one order.
  floor: ({ axes }) => axes.delays! * 2 ** -24,
};
