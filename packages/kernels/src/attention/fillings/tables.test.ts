// Tables made on the host, against the published formulas; and what they refuse.
import { describe, expect, test } from 'vitest';
import { ropeTable } from '../../position/rope/rope-table.ts';
import {
  anyPattern,
  bandBlocks,
  blockTable,
  cachedKeys,
  chosenBlocks,
  collinearLoadQ,
  foldBilinear,
  globalBlocks,
  layerSchedule,
  listedBlocks,
  logSpacedOffsets,
  maskShapeOf,
  otherBlocks,
  randomBlocks,
  sentinelSpans,
  stridedBlocks,
  t5BiasTable,
  t5Bucket,
  treeAncestors,
  xposTables,
} from './index.ts';

describe('T5 buckets', () => {
  // The distances at which the next bucket begins, from the published models' 32 buckets up to 128.
  const starts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91];

  test('both ways, 16 on either side', () => {
    for (let distance = 0; distance <= 300; distance++) {
      const bucket = starts.filter((start) => start <= distance).length - 1;
      expect(t5Bucket(-distance)).toBe(bucket);
      if (distance > 0) expect(t5Bucket(distance)).toBe(16 + bucket);
    }
  });

  test('one way: 16 exact distances, then the logarithm; everything ahead is distance 0', () => {
    const bucket = (distance: number): number => t5Bucket(-distance, { bidirectional: false });
    for (let distance = 0; distance < 16; distance++) expect(bucket(distance)).toBe(distance);
    expect([16, 18, 19, 20, 21, 23, 24, 112, 113, 128, 4000].map(bucket)).toEqual([
      16, 16, 17, 17, 18, 18, 19, 30, 31, 31, 31,
    ]);
    expect(t5Bucket(5, { bidirectional: false })).toBe(0);
  });

  test('what is no set of buckets', () => {
    expect(() => t5Bucket(Number.NaN)).toThrowError(
      '[t5Bucket] distance is NaN; it must be a finite number. Fix: give a finite number.',
    );
    expect(() => t5Bucket(3, { buckets: 7 })).toThrowError(
      '[t5Bucket] buckets is 7; it must be even and 4 or more, half of it for each side. Fix: give the number of rows of the embedding.',
    );
    expect(() => t5Bucket(3, { buckets: 1, bidirectional: false })).toThrowError(
      '[t5Bucket] buckets is 1; it must be 2 or more. Fix: give the number of rows of the embedding.',
    );
    expect(() => t5Bucket(3, { maxDistance: 8 })).toThrowError(
      '[t5Bucket] maxDistance is 8; it must be above 8, up to which each distance has a bucket. Fix: give that of the model, ' +
        'relative_attention_max_distance.',
    );
    expect(() => t5BiasTable(new Float32Array(32), { heads: 3, reach: 2 })).toThrowError(
      '[t5BiasTable] the number of values in the embedding is 32; [buckets, heads] has 96. Fix: give buckets and heads as they ' +
        'are in the model.',
    );
  });

  test('a table has the embedding of each distance', () => {
    const embedding = Float32Array.from({ length: 32 * 3 }, (_, i) => i);
    const table = t5BiasTable(embedding, { heads: 3, reach: 128 });
    for (const distance of [-128, -23, -1, 0, 1, 8, 128])
      for (const head of [0, 2]) {
        expect(table[head * 257 + 128 + distance]).toBe(t5Bucket(distance) * 3 + head);
      }
  });
});

describe('xPos tables', () => {
  const options = { headSize: 8, positions: 40, theta: 100 };
  const { q, k } = xposTables(options);
  const product = (pair: number, n: number, m: number): readonly [number, number] => {
    const [a, b] = [(n * 4 + pair) * 2, (m * 4 + pair) * 2];
    return [q[a]! * k[b]! + q[a + 1]! * k[b + 1]!, q[a + 1]! * k[b]! - q[a]! * k[b + 1]!];
  };

  test('what a query and a key give together depends on their distance only, as published', () => {
    for (let pair = 0; pair < 4; pair++)
      for (const [n, m] of [
        [0, 0],
        [5, 3],
        [39, 0],
        [38, 35],
      ] as const) {
        const zeta = (pair / 4 + 0.4) / 1.4;
        const [real, imaginary] = product(pair, n, m);
        const angle = (n - m) * 100 ** (-pair / 4);
        expect(real).toBeCloseTo(zeta ** ((n - m) / 512) * Math.cos(angle), 5);
        expect(imaginary).toBeCloseTo(zeta ** ((n - m) / 512) * Math.sin(angle), 5);
      }
  });

  test('without decay they are those of rope', () => {
    const plain = ropeTable(options);
    const flat = xposTables({ ...options, gamma: 1e12 });
    for (const table of [flat.q, flat.k]) plain.forEach((value, i) => expect(table[i]).toBeCloseTo(value, 6));
  });

  test('too many positions are refused', () => {
    expect(() => xposTables({ headSize: 8, positions: 65_536 })).toThrowError(
      '[xposTables] 65536 positions with a scale base of 512 grow to 6.61e+34; factors must stay below 2^60, so that products ' +
        'fit in f32. Fix: attend in blocks with tables of their own, as the paper does, or raise scaleBase.',
    );
  });
});

test('log-spaced offsets reach ±log2(9) / 3 at the rim, and are odd', () => {
  const offsets = logSpacedOffsets({ height: 3, width: 5 });
  expect(offsets).toHaveLength(2 * 5 * 9);
  expect(Array.from(offsets.slice(0, 2))).toEqual([
    -Math.fround(Math.log2(9) / 3),
    -Math.fround(Math.log2(9) / 3),
  ]);
  expect(Array.from(offsets.slice(2 * 22, 2 * 22 + 2))).toEqual([0, 0]);
  expect(offsets[2 * 23 + 1]).toBeCloseTo(Math.log2(3) / 3, 6);
  offsets.forEach((value, i) => expect(offsets[(44 - (i >> 1)) * 2 + (i % 2)]).toBeCloseTo(-value, 6));
  const larger = logSpacedOffsets({ height: 5, width: 5 }, { height: 3, width: 3 });
  expect(larger[0]).toBeCloseTo(-Math.log2(17) / 3, 6);
});

describe('block patterns', () => {
  const size = { queryBlocks: 6, keyBlocks: 6 };
  const rows = (table: Uint32Array): string[] =>
    Array.from({ length: 6 }, (_, i) => table.slice(6 * i, 6 * i + 6).join(''));

  test.each<[() => unknown, string]>([
    [
      () => anyPattern(),
      '[anyPattern] patterns is []; it must be one pattern or more. Fix: give one pattern or more.',
    ],
    [
      () => anyPattern(3 as never),
      '[anyPattern] patterns is [3]; it must be one pattern or more. Fix: give one pattern or more.',
    ],
    [
      () => otherBlocks([[1]] as never),
      '[otherBlocks] sees is [an Array]; it must be a function. Fix: give a function.',
    ],
    [
      () => chosenBlocks('12' as never, 4),
      "[chosenBlocks] numbers is '12'; it must be a list. Fix: give a list.",
    ],
    [
      () => chosenBlocks([1], undefined!),
      '[chosenBlocks] keyBlocks is undefined; it must be a positive integer. Fix: give a positive integer.',
    ],
    [
      () => listedBlocks([1, 2] as never),
      '[listedBlocks] lists is [1, 2]; it must be a list of lists of numbers. Fix: give a list of lists of numbers.',
    ],
    [
      () => blockTable(size, 2 as never),
      '[blockTable] heads is [2]; it must be one pattern or more. Fix: give one pattern or more.',
    ],
    [
      () => layerSchedule({ layers: 2, full: 1 as never, window: 3 }),
      '[layerSchedule] full is 1; it must be a list, of which each is a value. Fix: give a list, of which each is a value.',
    ],
    [
      () => cachedKeys(2 as never, 3),
      '[cachedKeys] schedule is 2; it must be what layerSchedule gives. Fix: give what layerSchedule gives.',
    ],
    [() => treeAncestors(3 as never), '[treeAncestors] parents is 3; it must be a list. Fix: give a list.'],
  ])('what is none: %s', (run, message) => {
    expect(run).toThrowError(message);
  });

  test('bands, dilated bands, global, strided and listed blocks', () => {
    expect(rows(blockTable(size, bandBlocks(1)))).toEqual([
      '110000',
      '111000',
      '011100',
      '001110',
      '000111',
      '000011',
    ]);
    expect(rows(blockTable(size, bandBlocks(1, 2)))[2]).toBe('101010');
    expect(rows(blockTable(size, anyPattern(bandBlocks(0), globalBlocks(1))))).toEqual([
      '111111',
      '110000',
      '101000',
      '100100',
      '100010',
      '100001',
    ]);
    expect(rows(blockTable(size, stridedBlocks(3)))[0]).toBe('001001');
    expect(rows(blockTable(size, listedBlocks([[1, 4], [], [0]])))).toEqual([
      '010010',
      '000000',
      '100000',
      '000000',
      '000000',
      '000000',
    ]);
  });

  test('blocks by number, what they leave out, and a pattern for each head', () => {
    const chosen = chosenBlocks([0, 5, 13], 6);
    const table = blockTable(size, chosen, otherBlocks(chosen));
    expect(rows(table)).toEqual(['100001', '000000', '010000', '000000', '000000', '000000']);
    expect(rows(table.slice(36))).toEqual(['011110', '111111', '101111', '111111', '111111', '111111']);
  });

  test('random blocks: as many as asked for, the same for the same seed, others for another', () => {
    const draw = (seed: number): string[] => rows(blockTable(size, randomBlocks(2, 6, seed)));
    for (const row of draw(1)) expect([...row].filter((each) => each === '1')).toHaveLength(2);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(new Set(draw(1)).size).toBeGreaterThan(1);
  });
});

describe('masks by ONNX rules', () => {
  const sizes = { batch: 2, heads: 3, queries: 4, keys: 6 };

  test('aligned at the right, each dimension 1 or the size, the last one possibly shorter', () => {
    const no = { batch: false, heads: false, queries: false };
    expect(maskShapeOf([6], sizes)).toEqual(no);
    expect(maskShapeOf([4, 6], sizes)).toEqual({ ...no, queries: true });
    expect(maskShapeOf([3, 1, 6], sizes)).toEqual({ ...no, heads: true });
    expect(maskShapeOf([2, 1, 4, 6], sizes)).toEqual({ ...no, batch: true, queries: true });
    expect(maskShapeOf([1, 3, 4, 5], sizes)).toEqual({ ...no, heads: true, queries: true, columns: 5 });
    expect(maskShapeOf([1], sizes)).toEqual({ ...no, columns: 1 });
  });

  test.each([[[5, 6]], [[7]], [[1, 2, 3, 4, 6]], [[]], [[3, 3, 4, 6]], [[0]]])(
    '[%s] does not broadcast',
    (dimensions: number[]) => {
      expect(() => maskShapeOf(dimensions, sizes)).toThrowError(
        `[attention mask] [${dimensions.join(', ')}] does not broadcast to [2, 3, 4, 6]; a mask has 1 to 4 dimensions, aligned ` +
          'at the right with batch, heads, queries and keys, each 1 or that size; the last may be shorter. Fix: reshape the mask.',
      );
    },
  );
});

describe('trees', () => {
  test('a node has the bits of its ancestors and its own, over several words', () => {
    const bits = treeAncestors([-1, 0, 0, 1, -1]);
    expect([...bits].map((each) => each.toString(2))).toEqual(['1', '11', '101', '1011', '10000']);
    const chain = treeAncestors(Array.from({ length: 34 }, (_, i) => i - 1));
    expect(Array.from(chain.slice(2 * 33))).toEqual([0xffff_ffff, 3]);
    expect(Array.from(chain.slice(2 * 31, 2 * 32))).toEqual([0xffff_ffff, 0]);
  });

  test('a parent after its child is refused', () => {
    expect(() => treeAncestors([-1, 1])).toThrowError(
      '[treeAncestors] node 1 has parent 1; a parent comes before its children, or is -1 for the text itself. ' +
        'Fix: order the nodes by depth.',
    );
  });
});

describe('sentinels', () => {
  const marks = { open: 8, close: 9 };
  const ever = 0x7fff_ffff;

  test('a span is seen to its close, and the close sees its span', () => {
    expect([...sentinelSpans([1, 8, 2, 9, 3, 8, 4], marks)]).toEqual(
      [
        [0, ever],
        [0, 3],
        [0, 3],
        [1, ever],
        [0, ever],
        [0, ever],
        [0, ever],
      ].flat(),
    );
  });

  test('nested spans and stray closes are refused', () => {
    expect(() => sentinelSpans([8, 1, 8], marks)).toThrowError(
      '[sentinelSpans] token 2 opens a span within that of token 0; spans follow one another: open, text, close. ' +
        'Fix: correct the tokens.',
    );
    expect(() => sentinelSpans([1, 9], marks)).toThrowError(
      '[sentinelSpans] token 1 closes no span; spans follow one another: open, text, close. Fix: correct the tokens.',
    );
  });
});

describe('layer schedules', () => {
  test('full layers and windows, and the keys they keep', () => {
    const schedule = layerSchedule({ layers: 4, full: [1], window: 16 });
    expect(schedule.map((each) => each.window_left)).toEqual([15, -1, 15, 15]);
    expect(schedule.every((each) => each.causal)).toBe(true);
    expect(cachedKeys(schedule, 100)).toBe(100 + 3 * 16);
    expect(cachedKeys(schedule, 10)).toBe(40);
  });

  test('refusals', () => {
    expect(() => layerSchedule({ layers: 4, full: [4], window: 16 })).toThrowError(
      '[layerSchedule] layer 4 of 4; full layers count from 0 to layers - 1, and a window has at least one key. ' +
        'Fix: correct the schedule.',
    );
    expect(() => layerSchedule({ layers: 4, full: [], window: 0 })).toThrowError(
      '[layerSchedule] a window of 0 keys; full layers count from 0 to layers - 1, and a window has at least one key. ' +
        'Fix: correct the schedule.',
    );
  });
});

test('a folded bilinear form gives the same scores, and the identity the same weights', () => {
  const sizes = { heads: 2, headSize: 3 };
  const numbers = (count: number, seed: number): number[] =>
    Array.from({ length: count }, (_, i) => Math.fround(Math.sin(seed + 12.9898 * i)));
  const [weight, forms, x, key] = [numbers(6 * 4, 1), numbers(2 * 9, 2), numbers(4, 3), numbers(6, 4)];
  const project = (matrix: ArrayLike<number>): number[] =>
    Array.from({ length: 6 }, (_, row) =>
      x.reduce((sum, value, column) => sum + matrix[row * 4 + column]! * value, 0),
    );
  const [plain, folded] = [project(weight), project(foldBilinear(weight, forms, sizes))];
  for (let head = 0; head < 2; head++) {
    let [want, got] = [0, 0];
    for (let i = 0; i < 3; i++) {
      got += folded[head * 3 + i]! * key[head * 3 + i]!;
      for (let j = 0; j < 3; j++)
        want += plain[head * 3 + i]! * forms[(head * 3 + i) * 3 + j]! * key[head * 3 + j]!;
    }
    expect(got).toBeCloseTo(want, 6);
  }
  const identity = Array.from({ length: 18 }, (_, i) => (i % 9 === 0 || i % 9 === 4 || i % 9 === 8 ? 1 : 0));
  expect([...foldBilinear(weight, identity, sizes)]).toEqual(weight);
});

test('heads whose channels do not pair are refused by collinear loads', () => {
  expect(() => collinearLoadQ({ headSize: 7, positions: 4 })).toThrowError(
    '[collinear load_q] a head of 7 channels; channels pair up, the first half with the second. Fix: pad the heads.',
  );
});
