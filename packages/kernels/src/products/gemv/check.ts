import { linearBytes } from '../contract.ts';
import type { KernelCheck, Workload } from '../../contract/check.ts';
import { dense } from '../../weights/dense/format.ts';
import { integer } from '../../weights/integer/format.ts';
import { nm } from '../../weights/n-m/format.ts';
import { linearCases, linearFloor } from '../check-cases.ts';
import { linearReference } from '../reference.ts';
import { gemv } from './index.ts';

export const check: KernelCheck = {
  kernel: gemv,
  reference: linearReference,
  cost: (problem) => {
    const { batch, m, n, k } = problem.axes as { batch: number; m: number; n: number; k: number };
    return { bytes: linearBytes(problem, n, n), flops: 2 * batch * m * n * k };
  },
  cases: linearCases(true),
  workloads: [
    { name: 'decode', model: 'shakespeare-1m', size: 'small', axes: { batch: 1, m: 1, n: 384, k: 128 } },
    ...[
      dense('f32'),
      dense('f16'),
      integer({ bits: 8 }),
      integer({ bits: 4 }),
      integer({ bits: 3 }),
      nm({ n: 2, m: 4, values: dense('f16') }),
      nm({ n: 2, m: 4, values: integer({ bits: 4 }) }),
    ].map((format): Workload => ({
      name: `4096 by 4096, ${format.name}`,
      model: 'llama-2-7b',
      size: 'large',
      axes: { batch: 1, m: 1, n: 4096, k: 4096 },
      formats: { b: format },
    })),
  ],
  dtypes: ['f32'],
  floor: linearFloor,
};
