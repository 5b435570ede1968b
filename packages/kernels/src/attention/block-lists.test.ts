import { checkBlockLists } from './check-block-lists.ts';
import { expect, test } from 'vitest';
import { bandBlocks } from './fillings/index.ts';
import {
  bigBirdBlocks,
  blockLists,
  checkLengths,
  kroneckerBlocks,
  longformerBlocks,
  packedStarts,
  sparseFixedBlocks,
  sparseStridedBlocks,
} from './index.ts';

type Pattern = ReturnType<typeof bandBlocks>;
/** One word of # and . for each query block. */
const drawn = (sees: Pattern, blocks: number): string[] =>
  Array.from({ length: blocks }, (_, query) =>
    Array.from({ length: blocks }, (__, key) => (sees(query, key) ? '#' : '.')).join(''),
  );

test('lists hold what a pattern sees, head after head', () => {
  const size = { queryBlocks: 3, keyBlocks: 4 };
  const { starts, keys } = blockLists(size, bandBlocks(1), (query, key) => query === 1 && key > 1);
  expect([...starts]).toEqual([0, 2, 5, 8, 8, 10, 10]);
  expect([...keys]).toEqual([0, 1, 0, 1, 2, 1, 2, 3, 2, 3]);
  expect(blockLists(size, () => false)).toEqual({ starts: new Uint32Array(4), keys: Uint32Array.of(0) });
});

test('Longformer: a window and global blocks', () => {
  expect(drawn(longformerBlocks(1, [3]), 6)).toEqual([
    '##.#..',
    '####..',
    '.###..',
    '######',
    '...###',
    '...###',
  ]);
});

test('BigBird: as many random blocks besides, the same for the same seed', () => {
  const options = { radius: 1, globals: [0], random: 2, keyBlocks: 64, seed: 7 };
  const sees = bigBirdBlocks(options);
  const plain = longformerBlocks(1, [0]);
  const extra = (pattern: Pattern, query: number): number[] =>
    Array.from({ length: 64 }, (_, key) => key).filter((key) => pattern(query, key) && !plain(query, key));
  let sum = 0;
  for (let query = 1; query < 64; query++) {
    for (let key = 0; key < 64; key++) if (plain(query, key)) expect(sees(query, key)).toBe(true);
    expect(extra(sees, query).length).toBeLessThanOrEqual(2);
    expect(extra(sees, query)).toEqual(extra(bigBirdBlocks(options), query));
    sum += extra(sees, query).length;
  }
  expect(sum).toBeGreaterThan(100);
  expect(drawn(bigBirdBlocks({ ...options, seed: 8 }), 64)).not.toEqual(drawn(sees, 64));
});

test('Sparse Transformer: strided and fixed', () => {
  expect(drawn(sparseStridedBlocks(3), 8)).toEqual([
    '#.......',
    '##......',
    '###.....',
    '####....',
    '.####...',
    '..####..',
    '#..####.',
    '.#..####',
  ]);
  expect(drawn(sparseFixedBlocks(3), 8)).toEqual([
    '#.......',
    '##......',
    '###.....',
    '..##....',
    '..###...',
    '..####..',
    '..#..##.',
    '..#..###',
  ]);
  expect(drawn(sparseFixedBlocks(3, 2), 7)[6]).toBe('.##.###');
});

test('dilated: every second block on either side', () => {
  expect(drawn(bandBlocks(2, 2), 7)).toEqual([
    '#.#.#..',
    '.#.#.#.',
    '#.#.#.#',
    '.#.#.#.',
    '#.#.#.#',
    '.#.#.#.',
    '..#.#.#',
  ]);
});

test('Kronecker: a mask within series, of the series that one depends on', () => {
  const dependencies = [
    [true, false],
    [true, true],
  ];
  const causal: Pattern = (query, key) => key <= query;
  expect(drawn(kroneckerBlocks(dependencies, 3, causal), 6)).toEqual([
    '#.....',
    '##....',
    '###...',
    '#..#..',
    '##.##.',
    '######',
  ]);
});

test('lengths that do not fit are refused with both sides', () => {
  expect([...packedStarts([3, 0, 5], 8)]).toEqual([0, 3, 3, 8]);
  expect([...checkLengths([4, 0], 4)]).toEqual([4, 0]);
  const requirement =
    'what lies past the room is never attended to. Fix: give a smaller number, or a tensor with more room.';
  expect(() => packedStarts([3, 6], 8)).toThrow(
    `[attention lengths] batch row 1 has 6 tokens, and there is room for 5; ${requirement}`,
  );
  expect(() => checkLengths([4, 5], 4)).toThrow(
    `[attention lengths] batch row 1 has 5 tokens, and there is room for 4; ${requirement}`,
  );
});

test('lists made by hand are checked', () => {
  const refusal = (starts: number[], keys: number[]): string => {
    try {
      checkBlockLists({ starts: Uint32Array.from(starts), keys: Uint32Array.from(keys) }, 4);
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing was thrown';
  };
  const rule = 'a list names some of 4 key blocks, each once and in ascending order. Fix: ';
  expect(refusal([0, 2, 2, 3], [0, 3, 1])).toBe('nothing was thrown');
  expect(refusal([1, 2], [0, 3])).toBe(`[block lists] list 0 begins at 1; ${rule}begin at 0.`);
  expect(refusal([0, 2, 1], [0, 3])).toBe(
    `[block lists] list 1 goes from 2 to 1 of 2 entries; ${rule}end each list where the next begins.`,
  );
  expect(refusal([0, 3], [0, 3])).toBe(
    `[block lists] list 0 goes from 0 to 3 of 2 entries; ${rule}end each list where the next begins.`,
  );
  expect(refusal([0, 1, 2], [0, 9])).toBe(`[block lists] list 1 names block 9; ${rule}leave it out.`);
  expect(refusal([0, 2], [3, 3])).toBe(
    `[block lists] list 0 names block 3 after block 3; ${rule}sort it, and name no block twice.`,
  );
});
