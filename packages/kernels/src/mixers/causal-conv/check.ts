import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { packedCase } from '../sequences/packed-case.ts';
import { causalConv } from './index.ts';
import { causalConvReference } from './reference.ts';

const sizes = (
  [batch, tokens, channels, taps]: readonly [number, number, number, number],
  options: CheckCase['options'] = {},
): CheckCase => ({ axes: { batch, tokens, channels, taps, past: taps - 1 }, options });
const last = 'channels last';

export const check: KernelCheck = {
  kernel: causalConv,
  reference: causalConvReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: 2 * axes.batch! * axes.tokens! * axes.channels! * axes.taps! }),
  cases: [
    sizes([1, 1, 1, 2]),
    sizes([2, 9, 5, 4], { states: 'both', bias: true }),
    sizes([2, 2, 7, 5], { states: 'in place', order: last, silu: true }),
    sizes([3, 1, 20, 4], { states: 'in place', bias: true, silu: true, order: last }),
    sizes([1, 67, 33, 3], { states: 'final', order: last }),
    sizes([1, 130, 4, 7], { states: 'initial', silu: true }),
    sizes([2, 3, 5, 11], { states: 'in place' }),
    {
      ...sizes([2, 7, 12, 4], { states: 'both', order: last, bias: true }),
      views: { x: rowView({ stride: 30, offset: { multipleOf: 2 } }) },
      uniforms: { x_offset: 6 },
    },
    packedCase([0, 2, 0, 9, 1, 0], sizes([1, 12, 5, 4], { states: 'both', bias: true, order: last })),
    packedCase([3, 0, 1, 70], sizes([1, 74, 7, 5], { states: 'in place', silu: true })),
    packedCase([4, 3], sizes([1, 7, 3, 3], {})),
  ],
  workloads: [
    {
      ...sizes([1, 96, 96, 4], { silu: true, order: last }),
      name: 'key convolution',
      model: 'shakespeare-deltanet-1m',
      size: 'small',
    },
    {
      ...sizes([1, 2048, 8192, 4], { silu: true, order: last, states: 'both' }),
      name: 'short convolution',
      model: 'qwen3-next-80b-a3b',
      size: 'large',
    },
  ],
  // A sum of `taps` products, and of an exponential 3 + 2|x| units in the last place.
  floor: ({ axes }) => (axes.taps! + 16) * 2 ** -24,
};
