import type { KernelCheck, Workload } from '../../contract/check.ts';
import { parseLayout } from '../../weights/parse-layout.ts';
import { linearCases, linearFloor, linearInputs } from '../check-cases.ts';
import { linearReference } from '../reference.ts';
import { gemv } from './index.ts';

export const check: KernelCheck = {
  kernel: gemv,
  reference: linearReference,
  cases: linearCases(true),
  workloads: [
    { name: 'decode', model: 'shakespeare-1m', size: 'small', axes: { batch: 1, m: 1, n: 384, k: 128 } },
    ...['f32', 'f16', 'int8-g32', 'int4-g32', 'int3-g32', 'f16+2:4', 'int4-g32+2:4'].map(
      (layout): Workload => ({
        name: `4096 by 4096, ${layout}`,
        model: 'llama-2-7b',
        size: 'large',
        axes: { batch: 1, m: 1, n: 4096, k: 4096 },
        layouts: { b: parseLayout(layout) },
      }),
    ),
  ],
  inputs: linearInputs,
  dtypes: ['f32'],
  floor: linearFloor,
};
