import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { normalStream } from '../../numbers/philox.ts';
import { linearStateSpace } from './index.ts';
import { linearStateSpaceReference } from './reference.ts';

const sizes = (
  [batch, tokens, states, inputs, outputs]: readonly [number, number, number, number, number],
  options: CheckCase['options'] = {},
): CheckCase => ({ axes: { batch, tokens, states, inputs, outputs }, options });

/** A matrix that takes nothing to more than its size. */
const contraction: DrawInputs = ({ axes: { states } }, random) => {
  const normal = normalStream(Math.floor(random() * 2 ** 31));
  return { a: Float32Array.from({ length: states! ** 2 }, () => (0.5 * normal()) / Math.sqrt(states!)) };
};

export const check: KernelCheck = {
  kernel: linearStateSpace,
  reference: linearStateSpaceReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: 2 * axes.batch! * axes.tokens! * (axes.states! + axes.outputs!) * (axes.states! + axes.inputs!),
  }),
  cases: [
    sizes([1, 1, 1, 1, 1], { states: 'both' }),
    sizes([2, 9, 7, 3, 7], { read: false, states: 'final' }),
    sizes([3, 33, 20, 1, 5], { pass: true, states: 'in place' }),
    sizes([1, 17, 65, 4, 67], { states: 'initial' }),
    sizes([1, 100, 12, 2, 3], { pass: true, states: 'both' }),
  ],
  workloads: [
    { ...sizes([1, 96, 32, 1, 32], { read: false }), name: 'memory', model: 'LMU, small', size: 'small' },
    {
      ...sizes([8, 784, 256, 1, 256], { read: false, states: 'both' }),
      name: 'memory',
      model: 'LMU, psMNIST',
      size: 'large',
    },
  ],
  inputs: contraction,
  // A sum of `states` products for each token, in another order.
  floor: ({ axes }) => 4 * Math.sqrt(axes.states! + axes.tokens!) * 2 ** -24,
};
