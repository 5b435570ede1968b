import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { f16BitsToF32, f32ToF16Bits } from '../../numbers/float16.ts';
import { normalStream } from '../../numbers/philox.ts';
import { dense, packDense } from '../dense/index.ts';
import { bitsPerWeight, storedLike, unpack, type HostTensor } from '../index.ts';
import { integer } from '../integer/index.ts';
import { randomWeight, weightCodecs } from '../../weight-registry.ts';
import { expandNM, keptMask, nm, packNM, type NMFormat } from './index.ts';

const sparse = (n: number, m: number, dtype: 'f32' | 'f16'): NMFormat => nm({ n, m, values: dense(dtype) });
const packed = (values: Float32Array, shape: readonly number[], format: NMFormat): HostTensor =>
  packNM(packDense(values, shape, format.values.name as 'f32'), format, weightCodecs);
const words = (tensor: HostTensor): number[] => [...new Uint32Array(tensor.bytes.slice().buffer)];

test('sections of int4-g32+2:4 of [2, 128]', () => {
  expect(nm({ n: 2, m: 4, values: integer({ bits: 4 }) }).sections([2, 128])).toEqual({
    rows: 2,
    columns: 128,
    sections: [
      { name: 'values', offset: 0, rowBytes: 32, blockBytes: 8, sizeBytes: 64 },
      {
        name: 'positions',
        offset: 64,
        rowBytes: 16,
        blockBytes: 4,
        sizeBytes: 32,
      },
      { name: 'scales', offset: 96, rowBytes: 8, blockBytes: 2, sizeBytes: 16 },
    ],
    sizeBytes: 112,
  });
});

test('f16+1:16 of [1, 20] keeps rows of positions in whole words', () => {
  expect(sparse(1, 16, 'f16').sections([1, 20])).toEqual({
    rows: 1,
    columns: 20,
    sections: [
      { name: 'values', offset: 0, rowBytes: 4, blockBytes: 4, sizeBytes: 4 },
      {
        name: 'positions',
        offset: 16,
        rowBytes: 4,
        blockBytes: 1,
        sizeBytes: 4,
      },
    ],
    sizeBytes: 32,
  });
});

test('bits per weight, with positions and scales', () => {
  const bits = (format: NMFormat): number => bitsPerWeight(randomWeight(format, [128, 384], normalStream(1)));
  expect(bits(sparse(2, 4, 'f16'))).toBe(9);
  expect(bits(nm({ n: 2, m: 4, values: integer({ bits: 4 }) }))).toBe(3.5);
});

test('2:4 keeps values in order of column, positions of two bits, and fills up from the lowest free column', () => {
  const values = new Float32Array(32);
  values.set([0, 5, 0, 6, /**/ 0, 0, 0, 7, /**/ 0, 0, 0, 0, /**/ 8, 0, 9, 0]);
  const stored = words(packed(values, [1, 32], sparse(2, 4, 'f32')));
  const floats = [...new Float32Array(Uint32Array.from(stored).buffer).subarray(0, 8)];
  expect(floats).toEqual([5, 6, 0, 7, 0, 0, 8, 9]);
  // Groups keep (1, 3), (0, 3), (0, 1), (0, 2), and (0, 1) from there on.
  expect(stored[16]!.toString(2).padStart(32, '0')).toBe('01000100010001001000010011001101');
});

test('m = 8 and 16 use nibbles for positions', () => {
  const values = new Float32Array(32);
  values[13] = 1;
  values[16] = 2;
  expect(words(packed(values, [1, 32], sparse(1, 16, 'f16')))).toEqual([0x40003c00, 0, 0, 0, 0x0d, 0, 0, 0]);
});

test('every pattern keeps what is not zero, exactly n of each whole group', () => {
  const patterns = fc
    .constantFrom(2, 4, 8, 16)
    .chain((m) => fc.tuple(fc.integer({ min: 1, max: m - 1 }), fc.constant(m)));
  const shapes = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 100 }));
  const kinds = fc.constantFrom(
    dense('f32'),
    dense('f16'),
    integer({ bits: 4, group: 256, zeroPoint: true }),
    integer({ bits: 8, group: 64 }),
  );
  fc.assert(
    fc.property(fc.integer(), shapes, patterns, kinds, (seed, shape, [n, m], values) => {
      const format = nm({ n, m, values });
      const tensor = randomWeight(format, shape, normalStream(seed));
      const numbers = unpack(tensor, weightCodecs);
      const kept = keptMask(tensor);
      expect(numbers.every((value, i) => value === 0 || kept[i] === 1)).toBe(true);
      const [rows, columns] = shape;
      for (let r = 0; r < rows; r++) {
        for (let start = 0; start + m <= columns; start += m) {
          const group = kept.subarray(r * columns + start, r * columns + start + m);
          expect(group.reduce((a, b) => a + b, 0)).toBe(n);
        }
      }
      // The full form decodes to the same numbers, and is stored as sparsely again.
      const full = expandNM(tensor, weightCodecs);
      expect(unpack(full, weightCodecs)).toEqual(numbers);
      expect(storedLike(full, format, weightCodecs).bytes).toEqual(tensor.bytes);
    }),
    { numRuns: 60 },
  );
});

test('minus zero is zero, and NaN is not', () => {
  const values = Float32Array.of(-0, NaN, 0, 1, 0, 0, 0, f16BitsToF32(f32ToF16Bits(0.3)));
  expect([...unpack(packed(values, [1, 8], sparse(2, 4, 'f16')), weightCodecs)]).toEqual(
    [...values].map((value) => value + 0),
  );
});

describe('refusals', () => {
  const cases: [string, () => unknown, string][] = [
    [
      'a full group',
      () => packed(Float32Array.of(0, 0, 0, 0, 1, 2, 3), [1, 7], sparse(2, 4, 'f16')),
      '[packNM] row 0 has 3 values that are not zero in columns 4 to 6; 2:4 keeps at most 2. Fix: prune the matrix to this pattern first.',
    ],
    [
      'values in another format',
      () => packNM(packDense(new Float32Array(4), [1, 4], 'f32'), sparse(2, 4, 'f16'), weightCodecs),
      '[packNM] the full matrix is stored as f32; f16+2:4 keeps values of f16. Fix: pack it as f16 first.',
    ],
    [
      'no codec',
      () => unpack(randomWeight(sparse(2, 4, 'f16'), [1, 4], normalStream(1)), []),
      "[format f16+2:4] no codec was handed over for the family 'n:m'; the codecs handed over are none. Fix: hand over the codec of that family too, in `codecs`.",
    ],
    [
      'm of 5',
      () => sparse(2, 5, 'f16'),
      '[format f16+2:5] 2 of 5; m is 2, 4, 8 or 16, so that it divides a block of 32 columns. Fix: take such an m.',
    ],
    [
      'n of m',
      () => sparse(4, 4, 'f16'),
      '[format f16+4:4] 4 of 4; n is at least 1 and below m. Fix: take such an n.',
    ],
    [
      'values that cannot be addressed',
      () => nm({ n: 2, m: 4, values: integer({ bits: 3 }) }),
      '[format int3-g32+2:4] values of int3-g32; kept values have a format in which each can be addressed by itself. Fix: keep f32, f16, or integers of 4 or 8 bits.',
    ],
    [
      'groups that keep parts of words',
      () => nm({ n: 1, m: 8, values: integer({ bits: 4 }) }),
      '[format int4-g32+1:8] each group of 32 keeps 4 values; that must be a multiple of 8, to fill whole words. Fix: take a larger group.',
    ],
  ];
  test.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ message }));
  });
});
