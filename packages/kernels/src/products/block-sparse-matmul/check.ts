import { formatOfB } from '../contract.ts';
import type { BlockSparseFormat } from './format.ts';
import { linearBytes } from '../contract.ts';
import type { CheckCase, KernelCheck } from '../../contract/check.ts';
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
    const { batch, m, n } = problem.axes as { batch: number; m: number; n: number };
    const { blocks = 0, height = 0, width = 0 } = formatOfB(problem) as Partial<BlockSparseFormat>;
    return { bytes: linearBytes(problem, n, n), flops: 2 * batch * m * blocks * height * width };
  },
  cases: [
    shape([1, 1, 1], 1),
    shape([3, 48, 64], 5, {}, { name: 'a full row of blocks and an empty one' }),
    shape([2, 48, 64], 0, {}, { name: 'no blocks' }),
    shape([5, 64, 64], 16, {}, { name: 'all blocks' }),
    shape([4, 37, 71], 9, {}, { name: 'nothing a multiple of anything' }),
    shape([2, 33, 100], 7, { dtype: 'f16' }),
    shape([1, 32, 96], 11, { height: 4, width: 8 }),
    shape([2, 64, 128], 3, { height: 32, width: 32 }, { dtypes: { a: 'f16', y: 'f16' } }),
    shape(
      [2, 20, 96],
      4,
      {},
      {
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
      },
    ),
  ],
  workloads: [
    {
      name: 'decode, 10 % of the blocks',
      model: 'Llama-3.1-8B',
      size: 'large',
      ...shape([1, 4096, 4096], 6554),
    },
  ],
  dtypes: ['f32'],
  floor: linearFloor,
};
