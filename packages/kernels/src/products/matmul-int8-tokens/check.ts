import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import type { WeightFormat } from '../../contract/weight-format.ts';
import { integer } from '../../weights/integer/format.ts';
import { linearFloor } from '../check-cases.ts';
import { linearBytes } from '../contract.ts';
import { columnGain } from '../fillings/load-a.ts';
import { rmsObserve } from '../fillings/observe-a.ts';
import { withInt8Tokens } from './codec.ts';
import { matmulInt8Tokens } from './kernel.ts';
import { matmulInt8TokensReference } from './reference.ts';

const inFormat = (
  format: WeightFormat,
  [batch, m, n, k]: [number, number, number, number],
  rest: Partial<CheckCase> = {},
): CheckCase => ({ name: format.name, axes: { batch, m, n, k }, formats: { b: format }, ...rest });

export const check: KernelCheck = {
  kernel: matmulInt8Tokens,
  reference: matmulInt8TokensReference,
  cost: (problem) => {
    const { batch, m, n, k } = problem.axes as { batch: number; m: number; n: number; k: number };
    return { bytes: linearBytes(problem, n, n), flops: 2 * batch * m * n * k };
  },
  cases: [
    inFormat(withInt8Tokens(integer({ bits: 8, group: 'row' })), [1, 1, 1, 1]),
    inFormat(withInt8Tokens(integer({ bits: 4 })), [2, 9, 132, 256]),
    inFormat(integer({ bits: 8, group: 64, zeroPoint: true }), [1, 11, 22, 130]),
    // More blocks than a workgroup has invocations.
    inFormat(withInt8Tokens(integer({ bits: 8, group: 'row' })), [1, 3, 8, 2100]),
    inFormat(integer({ bits: 8 }), [1, 2, 36, 61], { scale: { a: 1e4 }, dtypes: { a: 'f32', y: 'f32' } }),
    inFormat(withInt8Tokens(integer({ bits: 4, group: 128, zeroPoint: true })), [1, 3, 20, 160], {
      dtypes: { a: 'f16', y: 'f16' },
    }),
    {
      ...inFormat(withInt8Tokens(integer({ bits: 4 })), [1, 6, 36, 96]),
      name: 'norm in front',
      slots: { load_a: columnGain({ columns: 96 }), observe_a: rmsObserve(1e-5, 96) },
    },
    {
      ...inFormat(integer({ bits: 4 }), [1, 9, 36, 96]),
      views: { a: rowView({ stride: 100, offset: 4 }), y: rowView({ stride: 37, offset: 1 }) },
    },
  ],
  workloads: [
    {
      name: 'prefill',
      model: 'shakespeare-1m',
      size: 'small',
      axes: { batch: 1, m: 64, n: 384, k: 128 },
      formats: { b: withInt8Tokens(integer({ bits: 8, group: 'row' })) },
    },
  ],
  dtypes: ['f32'],
  floor: linearFloor,
};
