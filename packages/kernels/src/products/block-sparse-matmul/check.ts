import { formatOfB } from '../contract.ts';
import type { BlockSparseFormat } from './format.ts';
import { linearBytes } from '../contract.ts';
import type { CheckCase, KernelCheck, Workload } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { linearFloor } from '../check-cases.ts';
import { expressionEpilogue } from '../fillings/epilogue.ts';
import { columnGain } from '../fillings/load-a.ts';
import { rmsObserve } from '../fillings/observe-a.ts';
import { type BlockSparseParameters, blockSparseFormat } from './format.ts';
import { blockSparseMatmul } from './kernel.ts';
import { blockSparseReference } from './reference.ts';

const shape = (
  [m, n, k]: [number, number, number],
  blocks: number,
  parameters: BlockSparseParameters = {},
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  axes: { batch: 1, m, n, k },
  formats: { b: blockSparseFormat(parameters, blocks, [blockSparseMatmul]) },
  ...rest,
});

export const check: KernelCheck = {
  kernel: blockSparseMatmul,
  reference: blockSparseReference,
  cost: (problem) => {
    const { batch, m, n } = problem.axes as {
      batch: number;
      m: number;
      n: number;
    };
    const { blocks = 0, height = 0, width = 0 } = formatOfB(problem) as Partial<BlockSparseFormat>;
    return {
      bytes: linearBytes(problem, n, n),
      flops: 2 * batch * m * blocks * height * width,
    };
  },
  // Where not said otherwise the first row of blocks is full, and one of the next is empty.
  cases: [
    shape([1, 1, 1], 1),
    shape([3, 48, 64], 5),
    shape([2, 48, 64], 0, {}, { name: 'no blocks' }),
    shape([5, 64, 64], 16, {}, { name: 'all blocks' }),
    shape([4, 37, 71], 9, {}, { name: 'nothing a multiple of anything' }),
    shape([1, 40, 1030], 70, { dtype: 'f16' }),
    shape([33, 64, 160], 8, { height: 32, width: 32, dtype: 'int8' }, { name: 'more rows than a tile' }),
    shape([17, 52, 96], 11, { height: 4, width: 8, dtype: 'int4' }),
    shape([2, 64, 128], 3, { height: 32, width: 32 }, { dtypes: { a: 'f16', y: 'f16' } }),
    shape([19, 50, 77], 100, { height: 16, width: 1 }),
    shape([1, 23, 130], 180, { height: 4, width: 1, dtype: 'f16' }),
    shape([1, 14, 300], 100, { height: 1, width: 4 }),
    shape(
      [6, 9, 70],
      40,
      { height: 1, width: 4, dtype: 'int8' },
      { scale: { a: 1e4 }, name: 'large values' },
    ),
    shape([1, 13, 515], 700, { height: 1, width: 1 }),
    shape([5, 10, 67], 99, { height: 1, width: 1, dtype: 'int8' }, { dtypes: { a: 'f16', y: 'f32' } }),
    ...[
      { blocks: 7, height: 16, width: 16 },
      { blocks: 100, height: 16, width: 1 },
      { blocks: 120, height: 1, width: 1 },
    ].map(({ blocks, ...parameters }) =>
      shape([2, 20, 96], blocks, parameters, {
        name: 'norm in front, residual behind',
        slots: {
          load_a: columnGain({ columns: 96 }),
          observe_a: rmsObserve(1e-5, 96),
          epilogue: expressionEpilogue({
            expression: ['add', 'acc', 'residual'],
            operands: { residual: 'full' },
            columns: 20,
          }),
        },
      }),
    ),
    shape(
      [3, 20, 68],
      6,
      {},
      {
        views: {
          a: rowView({ stride: 70, offset: { multipleOf: 2 } }),
          y: rowView({ stride: 24, offset: 4 }),
        },
        uniforms: { a_offset: 6 },
      },
    ),
  ],
  workloads: [
    ...[
      { height: 16, width: 16 },
      { height: 4, width: 1 },
      { height: 1, width: 1 },
    ].map((parameters): Workload => ({
      name: `decode, ${blockSparseFormat(parameters, 0, []).name}, 10 % of the blocks`,
      model: 'Llama-3.1-8B',
      size: 'large',
      ...shape(
        [1, 4096, 4096],
        Math.round(4096 ** 2 / (10 * parameters.height * parameters.width)),
        parameters,
      ),
    })),
    {
      name: 'prefill, 10 % of the blocks',
      model: 'Llama-3.1-8B',
      size: 'large',
      ...shape([512, 4096, 4096], 6554),
    },
  ],
  dtypes: ['f32'],
  floor: linearFloor,
};
