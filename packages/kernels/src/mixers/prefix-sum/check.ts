import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { prefixSum, runningMaximum, runningProduct } from './index.ts';
import { prefixSumReference } from './reference.ts';

const sizes = (
  batch: number,
  tokens: number,
  channels: number,
  rest: Partial<CheckCase> = {},
): CheckCase => ({ axes: { batch, tokens, channels }, ...rest });

const integers = (
  batch: number,
  tokens: number,
  channels: number,
  type: 'i32' | 'u32',
  rest: Partial<CheckCase> = {},
): CheckCase =>
  sizes(batch, tokens, channels, {
    dtypes: { x: type, y: type },
    inputs: (_, random) => {
      const numbers = Array.from({ length: batch * tokens * channels }, () => Math.floor(2000 * random()));
      return {
        x: type === 'u32' ? Uint32Array.from(numbers) : Int32Array.from(numbers, (each) => each - 1000),
      };
    },
    // Integers are exact.
    floor: 0,
    ...rest,
  });

const maximum = { slots: { combine: runningMaximum } };

export const check: KernelCheck = {
  kernel: prefixSum,
  reference: prefixSumReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: axes.batch! * axes.tokens! * axes.channels! }),
  dtypes: ['f32', 'f16'],
  cases: [
    sizes(1, 1, 1),
    sizes(3, 7, 9, { options: { exclusive: true } }),
    sizes(2, 33, 4, { options: { reverse: true } }),
    sizes(2, 130, 5, { options: { exclusive: true, reverse: true } }),
    sizes(1, 1031, 1, { name: 'one long line' }),
    sizes(1, 1031, 1, { name: 'the largest so far of one line', ...maximum }),
    sizes(2, 257, 8, { ...maximum, options: { reverse: true }, scale: { x: 1e4 } }),
    sizes(2, 9, 6, { slots: { combine: runningProduct } }),
    sizes(1, 70_001, 1, { name: 'more chunks than lines', scale: { x: 0.1 } }),
    integers(1, 2049, 1, 'u32'),
    integers(2, 77, 4, 'i32', { options: { exclusive: true } }),
    integers(3, 45, 3, 'i32', maximum),
    sizes(2, 19, 6, {
      views: { x: rowView({ stride: 14, offset: 2 }), y: rowView({ stride: 9, offset: { multipleOf: 1 } }) },
      uniforms: { y_offset: 5 },
    }),
  ],
  workloads: [
    { ...sizes(1, 512, 4), name: 'log decays', model: 'mamba2-130m', size: 'small' },
    { ...sizes(1, 32_768, 1), name: 'probabilities of a vocabulary', model: 'Llama-2-7b', size: 'large' },
  ],
  // Sums of up to `tokens` numbers in another order (Higham and Mary 2019).
  floor: ({ axes }) => Math.sqrt(axes.tokens!) * 2 ** -23,
};
