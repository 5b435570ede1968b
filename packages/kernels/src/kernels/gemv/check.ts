import type { KernelCheck } from '../../core/check.ts';
import { linearCases, linearFloor, linearInputs } from '../../linear/check-cases.ts';
import { linearReference } from '../../linear/reference.ts';
import { gemv } from './index.ts';

export const check: KernelCheck = {
  kernel: gemv,
  reference: linearReference,
  cases: linearCases(true),
  workloads: [
    { name: 'decode', model: 'shakespeare-1m', size: 'small', axes: { batch: 1, m: 1, n: 384, k: 128 } },
  ],
  inputs: linearInputs,
  dtypes: ['f32'],
  floor: linearFloor,
};
