import { linearBytes } from '../contract.ts';
import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { gatedActivation } from '../fillings/activation.ts';
import { expressionEpilogue } from '../fillings/epilogue.ts';
import { columnGain } from '../fillings/load-a.ts';
import { rmsObserve } from '../fillings/observe-a.ts';
import { dense } from '../../weights/dense/format.ts';
import { integer } from '../../weights/integer/format.ts';
import { nm } from '../../weights/n-m/format.ts';
import type { WeightFormat } from '../../contract/weight-format.ts';
import { rowView } from '../../contract/row-view.ts';
import { linearFloor } from '../check-cases.ts';
import { gateUp } from './index.ts';
import { gateUpReference } from './reference.ts';

const shape = (m: number, f: number, k: number, batch = 1): CheckCase => ({
  axes: { batch, m, f, stacked: 2 * f, k },
});

const inFormat = (
  format: WeightFormat,
  [m, f, k]: [number, number, number],
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  name: format.name,
  ...shape(m, f, k),
  formats: { b: format },
  ...rest,
});

export const check: KernelCheck = {
  kernel: gateUp,
  reference: gateUpReference,
  cost: (problem) => {
    const { batch, m, f, k } = problem.axes as { batch: number; m: number; f: number; k: number };
    return { bytes: linearBytes(problem, 2 * f, f), flops: 4 * batch * m * f * k };
  },
  cases: [
    shape(1, 1, 1),
    shape(5, 7, 37),
    shape(37, 131, 129),
    { name: 'large values', ...shape(3, 20, 64, 2), scale: { a: 100 } },
    { name: 'long rows, split', ...shape(1, 12, 4100) },
    inFormat(dense('f16'), [2, 20, 100], { dtypes: { a: 'f16', y: 'f16' } }),
    inFormat(integer({ bits: 4 }), [1, 68, 512]),
    inFormat(integer({ bits: 4 }), [19, 36, 260], { dtypes: { a: 'f16', y: 'f16' } }),
    inFormat(nm({ n: 2, m: 4, values: dense('f16') }), [2, 24, 52]),
    {
      name: 'norm in front, residual behind, gelu',
      ...inFormat(integer({ bits: 4 }), [6, 20, 96]),
      slots: {
        load_a: columnGain({ columns: 96 }),
        observe_a: rmsObserve(1e-5, 96),
        activation: gatedActivation(['mul', ['gelu-tanh', 'gate'], ['add', 'up', 1]]),
        epilogue: expressionEpilogue({
          expression: ['add', 'acc', 'residual'],
          operands: { residual: 'full' },
          columns: 20,
        }),
      },
    },
    {
      name: 'norm in front, split',
      ...shape(2, 6, 4096),
      slots: {
        observe_a: rmsObserve(1e-5, 4096),
        activation: gatedActivation(['mul', ['relu2', 'gate'], 'up']),
      },
    },
    {
      ...shape(5, 20, 68),
      views: { a: rowView({ stride: 70, offset: 2 }), y: rowView({ stride: 23, offset: 3 }) },
    },
  ],
  workloads: [
    {
      name: 'decode',
      model: 'shakespeare-1m',
      size: 'small',
      axes: { batch: 1, m: 1, f: 384, stacked: 768, k: 128 },
    },
    {
      name: 'prefill',
      model: 'shakespeare-1m',
      size: 'small',
      axes: { batch: 1, m: 64, f: 384, stacked: 768, k: 128 },
    },
  ],
  dtypes: ['f32'],
  // The activation's exp is good to 3 + 2|x| ULP, |x| up to about 10 where it matters.
  floor: (input) => linearFloor(input) + 24 * 2 ** -24,
};
