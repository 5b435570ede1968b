import { unpack } from '@tilewright/kernels/weights';
import { weightCodecs } from '@tilewright/kernels/weights/registry';
import { expect, test } from 'vitest';
import { type BlockType, blockTypes } from './index.ts';

const typeOf = (name: string): BlockType => blockTypes.find((type) => type.name === name)!;
const valuesOf = (name: string, bytes: Uint8Array, columns: number): number[] => [
  ...unpack(typeOf(name).repack(bytes, [1, columns]), weightCodecs),
];
/** 1.5 as a half. */
const half = [0x00, 0x3e];

test('names and numbers of types are there once', () => {
  expect(new Set(blockTypes.map(({ name }) => name)).size).toBe(blockTypes.length);
  expect(new Set(blockTypes.map(({ id }) => id)).size).toBe(blockTypes.length);
});

test.each(blockTypes)(
  '$name: rows are whole blocks, and blocks of zeros are finite',
  ({ name, elements, bytes, repack }) => {
    const tensor = repack(new Uint8Array(6 * bytes), [2, 3 * elements]);
    expect(tensor.shape).toEqual([2, 3 * elements]);
    expect(unpack(tensor, weightCodecs).every(Number.isFinite)).toBe(true);
    expect(() => repack(new Uint8Array(bytes - 1), [1, elements])).toThrow(
      `[${name}] ${bytes - 1} bytes; shape [1, ${elements}] takes ${bytes}. Fix: read the tensor again.`,
    );
    expect(() => repack(new Uint8Array(bytes), [elements])).toThrow(
      `[${name}] shape [${elements}]; rows are whole blocks of ${elements}. Fix: give the shape [rows, columns] that the file says.`,
    );
  },
);

test('Q4_0: halves of codes less 8', () => {
  const codes = Uint8Array.from({ length: 16 }, (_, i) => i * 16 + (15 - i));
  expect(valuesOf('Q4_0', Uint8Array.of(...half, ...codes), 32)).toEqual([
    ...Array.from({ length: 16 }, (_, i) => (15 - i - 8) * 1.5),
    ...Array.from({ length: 16 }, (_, i) => (i - 8) * 1.5),
  ]);
});

test('Q8_0: signed bytes', () => {
  const codes = Int8Array.from({ length: 32 }, (_, i) => 8 * i - 128);
  expect(valuesOf('Q8_0', Uint8Array.of(...half, ...new Uint8Array(codes.buffer)), 32)).toEqual(
    Array.from(codes, (code) => code * 1.5),
  );
});

test('Q4_K: six bits of scale and minimum for each of eight groups', () => {
  const [scales, minimums] = [
    [1, 2, 3, 63, 5, 6, 32, 49],
    [0, 7, 63, 1, 33, 2, 62, 5],
  ];
  const packed = [
    ...[0, 1, 2, 3].map((g) => scales[g]! | ((scales[g + 4]! >> 4) << 6)),
    ...[0, 1, 2, 3].map((g) => minimums[g]! | ((minimums[g + 4]! >> 4) << 6)),
    ...[4, 5, 6, 7].map((g) => (scales[g]! & 15) | ((minimums[g]! & 15) << 4)),
  ];
  const codes = Array.from({ length: 256 }, (_, i) => (i * 7) % 16);
  const bytes = Array.from({ length: 128 }, (_, i) => {
    const first = 64 * (i >> 5) + (i & 31);
    return codes[first]! | (codes[first + 32]! << 4);
  });
  const halves = [...half, 0x00, 0x34];
  expect(valuesOf('Q4_K', Uint8Array.of(...halves, ...packed, ...bytes), 256)).toEqual(
    codes.map((code, i) => 1.5 * scales[i >> 5]! * code - 0.25 * minimums[i >> 5]!),
  );
});
