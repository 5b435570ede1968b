import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { columnGain } from '../fillings/load-a.ts';
import { rmsObserve } from '../fillings/observe-a.ts';
import { parseLayout } from '../../weights/parse-layout.ts';
import { linearFloor } from '../check-cases.ts';
import { matmulInt8 } from './index.ts';
import { matmulInt8Reference } from './reference.ts';

const inLayout = (
  layout: string,
  [batch, m, n, k]: [number, number, number, number],
  rest: Partial<CheckCase> = {},
): CheckCase => ({ name: layout, axes: { batch, m, n, k }, layouts: { b: parseLayout(layout) }, ...rest });

export const check: KernelCheck = {
  kernel: matmulInt8,
  reference: matmulInt8Reference,
  cases: [
    inLayout('int4-g32', [1, 1, 1, 1]),
    inLayout('int4-g32', [2, 9, 132, 256]),
    inLayout('int8-g64-zp', [1, 11, 22, 130]),
    inLayout('int8-g32', [1, 2, 36, 61], { scale: { a: 1e4 }, dtypes: { a: 'f32', y: 'f32' } }),
    inLayout('int4-g128-zp', [1, 3, 20, 160], { dtypes: { a: 'f16', y: 'f16' } }),
    {
      ...inLayout('int4-g32', [1, 6, 36, 96]),
      name: 'norm in front',
      slots: { load_a: columnGain({ columns: 96 }), observe_a: rmsObserve(1e-5, 96) },
    },
    {
      ...inLayout('int4-g32', [1, 9, 36, 96]),
      views: { a: { stride: 100, offset: 4 }, y: { stride: 37, offset: 1 } },
    },
  ],
  workloads: [
    {
      name: 'prefill',
      model: 'shakespeare-1m',
      size: 'small',
      axes: { batch: 1, m: 64, n: 384, k: 128 },
      layouts: { b: parseLayout('int4-g32') },
    },
  ],
  dtypes: ['f32'],
  floor: linearFloor,
};
