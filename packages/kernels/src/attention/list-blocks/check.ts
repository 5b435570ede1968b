import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { listBlocks } from './index.ts';
import { listBlocksReference } from './reference.ts';

/** `[rows, chosen, query_blocks, key_blocks]`. */
const shape = (
  [rows, chosen, query_blocks, key_blocks]: readonly [number, number, number, number],
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  ...rest,
  axes: {
    rows,
    chosen,
    query_blocks,
    key_blocks,
    list_bounds: rows * query_blocks + 1,
    listed: rows * chosen,
  },
});

/** The numbers of the blocks of each row, in the order they were drawn. */
function drawRows(axes: CheckCase['axes'], random: () => number): number[][] {
  const numbers = axes.query_blocks! * axes.key_blocks!;
  return Array.from({ length: axes.rows! }, () =>
    Array.from({ length: numbers }, (_, number) => [random(), number] as const)
      .sort(([a], [b]) => a - b)
      .slice(0, axes.chosen)
      .map(([, number]) => number),
  );
}

/** Every third number is of no block. */
const someBeyond: DrawInputs = ({ axes }, random) => ({
  ids: Uint32Array.from(
    drawRows(axes, random).flatMap((row) =>
      row.map((number, i) => (i % 3 === 1 ? axes.query_blocks! * axes.key_blocks! + i : number)),
    ),
  ),
});

export const check: KernelCheck = {
  kernel: listBlocks,
  reference: listBlocksReference,
  cost: (_, bytes) => ({ bytes, flops: 0 }),
  cases: [
    shape([1, 1, 1, 1]),
    shape([3, 7, 5, 4], { options: { others: true } }),
    shape([2, 64, 9, 13], { options: { others: true } }),
    shape([70, 3, 1, 31]),
    shape([2, 9, 3, 5], {
      name: 'some that are no block',
      options: { others: true },
      inputs: someBeyond,
    }),
  ],
  workloads: [
    {
      name: 'the best 64 of 16,384 blocks',
      model: 'MRA-2',
      size: 'small',
      ...shape([8, 64, 128, 128], { options: { others: true } }),
    },
  ],
  // No number twice in a row.
  inputs: ({ axes }, random) => ({ ids: Uint32Array.from(drawRows(axes, random).flat()) }),
  floor: () => 0,
  exact: ['block_starts', 'block_keys', 'others'],
};
