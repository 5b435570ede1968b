import { linearBytes } from '../contract.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { linearCases, linearFloor } from '../check-cases.ts';
import { linearReference } from '../reference.ts';
import { matmul } from './index.ts';

export const check: KernelCheck = {
  kernel: matmul,
  reference: linearReference,
  cost: (problem) => {
    const { batch, m, n, k } = problem.axes as { batch: number; m: number; n: number; k: number };
    return { bytes: linearBytes(problem, n, n), flops: 2 * batch * m * n * k };
  },
  cases: linearCases(false),
  workloads: [
    { name: 'prefill', model: 'shakespeare-1m', size: 'small', axes: { batch: 1, m: 64, n: 384, k: 128 } },
  ],
  dtypes: ['f32'],
  floor: linearFloor,
};
