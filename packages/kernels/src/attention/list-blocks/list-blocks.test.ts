import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { blockLists } from '../block-lists.ts';
import { type BlockPattern, blockTable, chosenBlocks, otherBlocks } from '../fillings/index.ts';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { listBlocks } from './index.ts';

testKernel(check);

test.skipIf(testProfile.compileOnly)('lists and leftovers are those made on the host', async () => {
  const { device, dispose } = await openTestDevice();
  const matrix = { queryBlocks: 4, keyBlocks: 6 };
  const rows = [
    [23, 0, 7, 6, 1],
    [12, 13, 14, 15, 16],
  ];
  const lists = await runKernel(device, listBlocks, {
    axes: { query_blocks: 4, key_blocks: 6, list_bounds: 9, listed: 10 },
    options: { others: true },
    inputs: { ids: device.tensor([2, 5], Uint32Array.from(rows.flat())) },
  });
  const patterns = rows.map((row) => chosenBlocks(row, 6)) as [BlockPattern, ...BlockPattern[]];
  const { starts, keys } = blockLists(matrix, ...patterns);
  expect(await lists.block_starts.read()).toEqual(starts);
  expect(await lists.block_keys.read()).toEqual(keys);
  const others = patterns.map(otherBlocks) as [BlockPattern, ...BlockPattern[]];
  expect(await lists.others.read()).toEqual(blockTable(matrix, ...others));
  dispose();
});

test('sizes that do not fit together are refused', () => {
  const axes = { rows: 2, chosen: 5, query_blocks: 4, key_blocks: 6, list_bounds: 9, listed: 10 };
  expect(() => checkProblem(listBlocks, { axes: { ...axes, list_bounds: 8 } })).toThrow(
    "[list-blocks] axis 'list_bounds' is 8; 2 rows of 5 chosen blocks, for 4 query blocks each, make 9. " +
      'Fix: give axes.list_bounds 9.',
  );
  expect(() => checkProblem(listBlocks, { axes: { ...axes, listed: 5 } })).toThrow(
    "[list-blocks] axis 'listed' is 5; 2 rows of 5 chosen blocks, for 4 query blocks each, make 10. " +
      'Fix: give axes.listed 10.',
  );
  const many = { ...axes, query_blocks: 2 ** 16, key_blocks: 2 ** 16, list_bounds: 2 ** 17 + 1 };
  expect(() => checkProblem(listBlocks, { axes: many })).toThrow(
    '[list-blocks] 65536 query blocks by 65536 key blocks; their numbers are u32, so there are fewer than 4294967296. ' +
      'Fix: take larger blocks.',
  );
});
