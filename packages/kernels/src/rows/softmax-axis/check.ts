import type { KernelCheck } from '../../contract/check.ts';
import { softmaxAxis } from './index.ts';
import { softmaxAxisReference } from './reference.ts';

export const check: KernelCheck = {
  kernel: softmaxAxis,
  reference: softmaxAxisReference,
  cases: [
    { axes: { outer: 1, length: 1, inner: 1 } },
    { axes: { outer: 1, length: 3, inner: 20 } },
    { axes: { outer: 3, length: 4, inner: 5 } },
    { axes: { outer: 2, length: 17, inner: 67 }, options: { log: true } },
    { axes: { outer: 5, length: 127, inner: 4 } },
    { axes: { outer: 2, length: 1021, inner: 3 }, options: { log: true } },
    { axes: { outer: 40_001, length: 2, inner: 3 } },
    { name: 'large values', axes: { outer: 2, length: 33, inner: 12 }, scale: { x: 1e4 } },
  ],
  workloads: [
    {
      name: 'routing over experts',
      model: 'shakespeare-1m',
      size: 'small',
      axes: { outer: 1, length: 8, inner: 128 },
    },
    {
      name: 'attention over queries (slot attention)',
      model: 'Slot Attention, CLEVR',
      size: 'large',
      axes: { outer: 64, length: 7, inner: 16_384 },
    },
  ],
  // exp is good to 3 + 2|x| ULP, the division to 2.5 ULP, a logarithm to 3; as for `softmax`.
  floor: () => 12 * 2 ** -23,
};
