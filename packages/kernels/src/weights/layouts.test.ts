import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { f16BitsToF32, f32ToF16Bits } from '../numbers/float16.ts';
import {
  bitsPerWeight,
  concatRows,
  dense,
  keptMask,
  layoutBytes,
  layoutName,
  layoutSections,
  packDense,
  packInteger,
  packNM,
  parseLayout,
  permuteRows,
  unpack,
  unpackInteger,
  type DenseDType,
  type HostTensor,
  type IntegerLayout,
  type IntegerParts,
  type Layout,
  type NMLayout,
} from './index.ts';

const integer = (bits: 3 | 4 | 8, group = 32, zeroPoint = false): IntegerLayout => ({
  kind: 'integer',
  bits,
  group,
  zeroPoint,
});
const sparse = (n: number, m: number, values: NMLayout['values']): NMLayout => ({
  kind: 'n:m',
  n,
  m,
  values,
});
const asF16 = (value: number): number => f16BitsToF32(f32ToF16Bits(value));
const f16Layout = { kind: 'dense', dtype: 'f16' } as const;
const f32Layout = { kind: 'dense', dtype: 'f32' } as const;
const rotation = (length: number, by: number): number[] =>
  Array.from({ length }, (_, i) => (i + by) % length);
const words = (tensor: HostTensor): number[] => [...new Uint32Array(tensor.bytes.slice().buffer)];

const shapes = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 150 }));
const integerLayouts = fc
  .tuple(fc.constantFrom(3, 4, 8), fc.constantFrom(32, 64, 96, 128), fc.boolean())
  .map(([bits, group, zeroPoint]) => integer(bits as 3, group, zeroPoint));
const patterns = fc
  .constantFrom(2, 4, 8, 16)
  .chain((m) => fc.tuple(fc.integer({ min: 1, max: m - 1 }), fc.constant(m)));
const denseSparseLayouts = fc
  .tuple(patterns, fc.constantFrom(f16Layout, f32Layout))
  .map(([[n, m], values]) => sparse(n, m, values));
const integerSparseLayouts = fc
  .tuple(patterns, fc.constantFrom(4, 8), fc.constantFrom(32, 64, 96, 256), fc.boolean())
  .map(([[n, m], bits, group, zeroPoint]) => sparse(n, m, integer(bits as 4, group, zeroPoint)))
  .filter(
    ({ n, m, values }) => values.kind === 'integer' && ((values.group * n) / m) % (32 / values.bits) === 0,
  );

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Random integer parts, with at most `n` of each `m` codes unlike zero where a pattern is given. */
function randomParts(
  seed: number,
  shape: readonly number[],
  layout: IntegerLayout,
  pattern?: { n: number; m: number },
): IntegerParts {
  const next = random(seed);
  const [rows, columns] = shape as [number, number];
  const groups = Math.ceil(columns / layout.group);
  const below = (limit: number): number => Math.floor(next() * limit);
  const scales = Float32Array.from({ length: rows * groups }, () => asF16((next() - 0.5) * 10));
  const zeroPoints = Uint8Array.from(scales, () => below(2 ** layout.bits));
  const codes = Uint8Array.from({ length: rows * columns }, () => below(2 ** layout.bits));
  if (pattern !== undefined) {
    const kept = randomMask(next, rows, columns, pattern);
    for (let i = 0; i < codes.length; i++) {
      const g = Math.floor(i / columns) * groups + Math.floor((i % columns) / layout.group);
      if (!kept[i]) codes[i] = layout.zeroPoint ? zeroPoints[g]! : 2 ** (layout.bits - 1);
    }
  }
  return layout.zeroPoint ? { codes, scales, zeroPoints } : { codes, scales };
}

function randomMask(
  next: () => number,
  rows: number,
  columns: number,
  { n, m }: { n: number; m: number },
): Uint8Array {
  const mask = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let start = 0; start < columns; start += m) {
      for (let tries = 0; tries < n; tries++) {
        const c = start + Math.floor(next() * m);
        if (c < columns) mask[r * columns + c] = 1;
      }
    }
  }
  return mask;
}

function randomTensor(seed: number, shape: readonly number[], layout: Layout): HostTensor {
  const next = random(seed);
  const count = shape.reduce((a, b) => a * b, 1);
  const numbers = Float32Array.from({ length: count }, () => asF16(next() - 0.5));
  if (layout.kind === 'dense') return packDense(numbers, shape, layout.dtype as 'f32');
  if (layout.kind === 'integer') return packInteger(randomParts(seed, shape, layout), shape, layout);
  if (layout.values.kind === 'integer')
    return packNM(randomParts(seed, shape, layout.values, layout), shape, layout);
  const mask = randomMask(next, shape[0]!, shape[1]!, layout);
  return packNM(
    numbers.map((value, i) => (mask[i] ? value : 0)),
    shape,
    layout,
  );
}

/** The same tensor with its bytes at an odd address. */
function misaligned(tensor: HostTensor): HostTensor {
  const buffer = new Uint8Array(tensor.bytes.length + 3);
  buffer.set(tensor.bytes, 3);
  return { ...tensor, bytes: buffer.subarray(3) };
}

describe('names', () => {
  const layouts: Layout[] = [
    dense('f16'),
    dense('bool'),
    integer(3),
    integer(8, 128, true),
    sparse(2, 4, f16Layout),
    sparse(1, 2, f32Layout),
    sparse(2, 4, integer(4, 32)),
    sparse(3, 16, integer(8, 64, true)),
  ];
  test.each(layouts.map((layout) => [layoutName(layout), layout] as const))(
    '%s is read back',
    (name, layout) => {
      expect(parseLayout(name)).toEqual(layout);
    },
  );

  test.each([
    ['', `'' names no layout`],
    ['f17', `'f17' names no layout`],
    ['int4', `'int4' names no layout`],
    ['int4-g032', `'int4-g032' names no layout`],
    ['f16+2:4+2:4', `'f16+2:4+2:4' names no layout`],
    ['f16+2', `'f16+2' names no layout`],
    ['constructor', `'constructor' names no layout`],
  ])('%j is refused', (name, problem) => {
    expect(() => parseLayout(name)).toThrow(
      `[parseLayout] ${problem}; layouts are called like f16, int4-g32, int4-g32-zp, f16+2:4 or int4-g32+2:4.`,
    );
  });

  test.each([
    ['int5-g32', 'codes of 5 bits; integer codes have 3, 4 or 8 bits'],
    ['int4-g48', 'groups of 48 columns; a group is a positive multiple of 32 columns'],
    ['f16+2:5', '2 of 5; m is 2, 4, 8 or 16, so that it divides a block of 32 columns'],
    ['f16+4:4', '4 of 4; n is at least 1 and below m'],
    ['bf16+2:4', 'values of bf16; kept values are f32, f16 or integer'],
    ['int3-g32+2:4', 'kept codes of 3 bits; kept codes have 4 or 8 bits'],
    [
      'int4-g32+1:8',
      'each group keeps 4 codes; that must be a multiple of 8, to fill whole words: take a larger group',
    ],
  ])('%s is impossible', (name, message) => {
    expect(() => parseLayout(name)).toThrow(`[layout ${name}] ${message}.`);
  });
});

describe('sections', () => {
  test('int4-g32-zp of [3, 70]', () => {
    expect(layoutSections(integer(4, 32, true), [3, 70])).toEqual({
      rows: 3,
      columns: 70,
      paddedColumns: 96,
      keptColumns: 96,
      groups: 3,
      values: { offset: 0, rowBytes: 48, sizeBytes: 144 },
      scales: { offset: 144, rowBytes: 6, sizeBytes: 18 },
      zeroPoints: { offset: 176, rowBytes: 3, sizeBytes: 9 },
      sizeBytes: 192,
    });
  });

  test('int4-g32+2:4 of [2, 128]', () => {
    expect(layoutSections(sparse(2, 4, integer(4)), [2, 128])).toEqual({
      rows: 2,
      columns: 128,
      paddedColumns: 128,
      keptColumns: 64,
      groups: 4,
      values: { offset: 0, rowBytes: 32, sizeBytes: 64 },
      positions: { offset: 64, rowBytes: 16, sizeBytes: 32 },
      scales: { offset: 96, rowBytes: 8, sizeBytes: 16 },
      sizeBytes: 112,
    });
  });

  test('f16+1:16 of [1, 20] keeps rows of positions in whole words', () => {
    expect(layoutSections(sparse(1, 16, f16Layout), [1, 20])).toEqual({
      rows: 1,
      columns: 20,
      paddedColumns: 32,
      keptColumns: 2,
      groups: 0,
      values: { offset: 0, rowBytes: 4, sizeBytes: 4 },
      positions: { offset: 16, rowBytes: 4, sizeBytes: 4 },
      sizeBytes: 32,
    });
  });

  test.each<[DenseDType, number]>([
    ['f64', 8],
    ['i64', 8],
    ['f32', 4],
    ['u32', 4],
    ['bf16', 2],
    ['i16', 2],
    ['u8', 1],
    ['bool', 1],
  ])('dense %s takes %i bytes an element and no padding', (dtype, size) => {
    expect(layoutBytes(dense(dtype), [3, 5, 7])).toBe(105 * size);
    expect(layoutBytes(dense(dtype), [])).toBe(size);
  });

  test('bits per weight, with scales and positions', () => {
    const bits = (layout: Layout): number => bitsPerWeight(randomTensor(1, [128, 384], layout));
    expect(bits(integer(8))).toBe(8.5);
    expect(bits(integer(4))).toBe(4.5);
    expect(bits(integer(3))).toBe(3.5);
    expect(bits(integer(4, 32, true))).toBe(4.75);
    expect(bits(sparse(2, 4, f16Layout))).toBe(9);
    expect(bits(sparse(2, 4, integer(4)))).toBe(3.5);
    expect(bits(dense('f16'))).toBe(16);
    expect(bitsPerWeight(randomTensor(1, [0, 5], dense('f16')))).toBe(0);
  });

  test.each([
    [dense('f32'), [2, -1], '[layoutSections] shape [2, -1]; sizes are whole numbers from 0.'],
    [dense('f32'), [1.5], '[layoutSections] shape [1.5]; sizes are whole numbers from 0.'],
    [
      dense('f32'),
      [2 ** 30, 2 ** 30],
      '[layoutSections] shape [1073741824, 1073741824]; sizes multiply to a safe integer.',
    ],
    [
      integer(4),
      [2, 3, 32],
      '[layout int4-g32] shape [2, 3, 32]; packed layouts hold matrices, [rows, columns]. Fix: fold the leading axes into one.',
    ],
  ])('%o refuses %j', (layout, shape, message) => {
    expect(() => layoutSections(layout, shape)).toThrow(message);
  });
});

describe('bits, as the decoders in WGSL read them', () => {
  const columns = (bits: number, length: number): Uint8Array =>
    Uint8Array.from({ length }, (_, c) => (c * 5 + 3) % 2 ** bits);
  const one = Float32Array.of(1);

  test('8 bits: byte j of word w is column 4w + j', () => {
    const packed = packInteger({ codes: columns(8, 32), scales: one }, [1, 32], integer(8));
    expect([...packed.bytes.subarray(0, 32)]).toEqual([...columns(8, 32)]);
  });

  test('4 bits: two masks give eight consecutive columns', () => {
    const codes = columns(4, 32);
    const packed = words(packInteger({ codes, scales: one }, [1, 32], integer(4)));
    for (let w = 0; w < 4; w++) {
      const vectors = [packed[w]! & 0x0f0f0f0f, (packed[w]! >>> 4) & 0x0f0f0f0f].flatMap((v) =>
        [v, v >> 8, v >> 16, v >> 24].map((b) => b & 255),
      );
      expect(vectors).toEqual([...codes.subarray(8 * w, 8 * w + 8)]);
    }
  });

  test('3 bits: low pairs and high bits of four consecutive columns by one mask each', () => {
    const codes = columns(3, 64);
    const packed = words(packInteger({ codes, scales: Float32Array.of(1, 1) }, [1, 64], integer(3)));
    for (let run = 0; run < 2; run++) {
      for (let quad = 0; quad < 8; quad++) {
        const low = (packed[3 * run + (quad >> 2)]! >>> (2 * (quad & 3))) & 0x03030303;
        const high = (packed[3 * run + 2]! >>> quad) & 0x01010101;
        const got = [0, 8, 16, 24].map((shift) => ((low >>> shift) & 3) + 4 * ((high >>> shift) & 1));
        expect(got).toEqual([...codes.subarray(32 * run + 4 * quad, 32 * run + 4 * quad + 4)]);
      }
    }
  });

  test('scales are halves, low first; zero points are bytes; padding decodes to zero', () => {
    const parts = {
      codes: Uint8Array.of(1, 2, 3),
      scales: Float32Array.of(1.5, -2, 0.25),
      zeroPoints: Uint8Array.of(7, 8, 9),
    };
    const packed = packInteger(parts, [3, 1], integer(4, 32, true));
    const codeWords = words(packed).slice(0, 12);
    expect(codeWords.map((word) => word.toString(16))).toEqual([
      '77777771',
      '77777777',
      '77777777',
      '77777777',
      '88888882',
      '88888888',
      '88888888',
      '88888888',
      '99999993',
      '99999999',
      '99999999',
      '99999999',
    ]);
    expect(words(packed).slice(12)).toEqual([0xc0003e00, 0x3400, 0, 0, 0x090807, 0, 0, 0]);
  });

  test('2:4 keeps values in order of column, positions of two bits, and fills up from the lowest free column', () => {
    const values = new Float32Array(32);
    values.set([0, 5, 0, 6, /**/ 0, 0, 0, 7, /**/ 0, 0, 0, 0, /**/ 8, 0, 9, 0]);
    const packed = words(packNM(values, [1, 32], sparse(2, 4, f32Layout)));
    const floats = [...new Float32Array(Uint32Array.from(packed).buffer).subarray(0, 8)];
    expect(floats).toEqual([5, 6, 0, 7, 0, 0, 8, 9]);
    // Groups keep (1, 3), (0, 3), (0, 1), (0, 2), and (0, 1) from there on.
    expect(packed[16]!.toString(2).padStart(32, '0')).toBe('01000100010001001000010011001101');
  });

  test('m = 8 and 16 use nibbles for positions', () => {
    const values = new Float32Array(32);
    values[13] = 1;
    values[16] = 2;
    const packed = words(packNM(values, [1, 32], sparse(1, 16, f16Layout)));
    expect(packed).toEqual([0x40003c00, 0, 0, 0, 0x0d, 0, 0, 0]);
  });
});

describe('round trips', () => {
  test('dense floats', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, min: -60_000, max: 60_000 })), (list) => {
        const values = Float32Array.from(list);
        expect(unpack(misaligned(packDense(values, [values.length], 'f32')))).toEqual(values);
        expect(unpack(misaligned(packDense(values, [values.length], 'f16')))).toEqual(values.map(asF16));
        const bf16 = unpack(misaligned(packDense(values, [values.length], 'bf16')));
        bf16.forEach((value, i) =>
          expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(Math.abs(values[i]!) / 256 + 1e-40),
        );
      }),
    );
  });

  test.each<[DenseDType, ArrayBuffer, number[]]>([
    ['f64', Float64Array.of(1.5, -2).buffer, [1.5, -2]],
    ['i64', BigInt64Array.of(5n, -6n).buffer, [5, -6]],
    ['i32', Int32Array.of(7, -8).buffer, [7, -8]],
    ['u32', Uint32Array.of(7, 2 ** 31).buffer, [7, 2 ** 31]],
    ['i16', Int16Array.of(-300, 4).buffer, [-300, 4]],
    ['u16', Uint16Array.of(60_000, 4).buffer, [60_000, 4]],
    ['i8', Int8Array.of(-3, 4).buffer, [-3, 4]],
    ['u8', Uint8Array.of(200, 4).buffer, [200, 4]],
    ['bool', Uint8Array.of(0, 2).buffer, [0, 1]],
  ])('dense %s is read', (dtype, buffer, want) => {
    expect([
      ...unpack(misaligned({ layout: dense(dtype), shape: [2], bytes: new Uint8Array(buffer) })),
    ]).toEqual(want);
  });

  test('infinities survive where they were infinite already', () => {
    const values = Float32Array.of(Infinity, -Infinity);
    expect(unpack(packDense(values, [2], 'f16'))).toEqual(values);
  });

  test('integer matrices, at any address', () => {
    fc.assert(
      fc.property(fc.integer(), shapes, integerLayouts, (seed, shape, layout) => {
        const parts = randomParts(seed, shape, layout);
        const tensor = packInteger(parts, shape, layout);
        expect(tensor.bytes.length).toBe(layoutBytes(layout, shape));
        expect(unpackInteger(misaligned(tensor))).toEqual(parts);
        const [rows, columns] = shape;
        const numbers = unpack(misaligned(tensor));
        const groups = Math.ceil(columns / layout.group);
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < columns; c++) {
            const g = r * groups + Math.floor(c / layout.group);
            const zero = parts.zeroPoints?.[g] ?? 2 ** (layout.bits - 1);
            const want = Math.fround((parts.codes[r * columns + c]! - zero) * parts.scales[g]!);
            if (numbers[r * columns + c] !== want && want !== 0)
              expect([r, c, numbers[r * columns + c]]).toEqual([r, c, want]);
          }
        }
      }),
    );
  });

  test('every 3-bit code in every column of a run', () => {
    for (let code = 0; code < 8; code++) {
      for (let column = 0; column < 32; column++) {
        const codes = new Uint8Array(32).fill(7 - code);
        codes[column] = code;
        const parts = { codes, scales: Float32Array.of(1) };
        expect(unpackInteger(packInteger(parts, [1, 32], integer(3))).codes).toEqual(codes);
      }
    }
  });

  test('N:M of floats, every pattern', () => {
    fc.assert(
      fc.property(fc.integer(), shapes, denseSparseLayouts, (seed, shape, layout) => {
        const next = random(seed);
        const mask = randomMask(next, shape[0], shape[1], layout);
        const values = Float32Array.from(mask, (kept) => (kept ? asF16(next() - 0.5) : 0));
        const tensor = packNM(values, shape, layout);
        expect(tensor.bytes.length).toBe(layoutBytes(layout, shape));
        expect(unpack(misaligned(tensor))).toEqual(values);
        expectStored(tensor as HostTensor & { layout: NMLayout }, mask);
      }),
    );
  });

  test('N:M of integers, every pattern', () => {
    fc.assert(
      fc.property(fc.integer(), shapes, integerSparseLayouts, (seed, shape, layout) => {
        const values = layout.values as IntegerLayout;
        const parts = randomParts(seed, shape, values, layout);
        const tensor = packNM(parts, shape, layout);
        expect(tensor.bytes.length).toBe(layoutBytes(layout, shape));
        expect(unpackInteger(misaligned(tensor))).toEqual(parts);
        const full = unpack(packInteger(parts, shape, values));
        expect(unpack(tensor)).toEqual(full);
        expectStored(
          tensor as HostTensor & { layout: NMLayout },
          Uint8Array.from(full, (value) => (value === 0 ? 0 : 1)),
        );
      }),
    );
  });

  /** Exactly n of each whole group are stored, among them all that are not zero. */
  function expectStored(tensor: HostTensor & { layout: NMLayout }, nonZero: Uint8Array): void {
    const [rows, columns] = tensor.shape as [number, number];
    const { n, m } = tensor.layout;
    const kept = keptMask(tensor);
    expect(nonZero.every((flag, i) => flag === 0 || kept[i] === 1 || unpack(tensor)[i] === 0)).toBe(true);
    for (let r = 0; r < rows; r++) {
      for (let start = 0; start + m <= columns; start += m) {
        const count = kept.subarray(r * columns + start, r * columns + start + m).reduce((a, b) => a + b, 0);
        expect(count).toBe(n);
      }
    }
  }
});

describe('rows', () => {
  const anyLayout: fc.Arbitrary<Layout> = fc.oneof(
    fc.constantFrom(dense('f32'), dense('f16'), dense('bf16')),
    integerLayouts,
    denseSparseLayouts,
    integerSparseLayouts,
  );

  test('joined tensors unpack to the joined numbers', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        anyLayout,
        fc.integer({ min: 0, max: 100 }),
        fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
        (seed, layout, columns, heights) => {
          const parts = heights.map((rows, i) => randomTensor(seed + i, [rows, columns], layout));
          const joined = concatRows(parts.map(misaligned));
          expect(joined.shape).toEqual([heights.reduce((a, b) => a + b, 0), columns]);
          expect(joined.bytes.length).toBe(layoutBytes(layout, joined.shape));
          const swapped = permuteRows(
            concatRows([parts[0]!, parts[0]!]),
            rotation(2 * heights[0]!, heights[0]!),
          );
          expect(swapped.bytes).toEqual(concatRows([parts[0]!, parts[0]!]).bytes);
          expect([...unpack(joined)]).toEqual(parts.flatMap((part) => [...unpack(part)]));
        },
      ),
    );
  });

  test('permuting and permuting back gives the same bytes', () => {
    fc.assert(
      fc.property(fc.integer(), anyLayout, shapes, (seed, layout, shape) => {
        const tensor = randomTensor(seed, shape, layout);
        const next = random(seed);
        const order = Array.from({ length: shape[0] }, (_, i) => [next(), i] as const)
          .sort((a, b) => a[0] - b[0])
          .map(([, i]) => i);
        const inverse = order.map((_, i) => order.indexOf(i));
        const permuted = permuteRows(misaligned(tensor), order);
        const numbers = unpack(tensor);
        expect([...unpack(permuted)]).toEqual(
          order.flatMap((r) => [...numbers.subarray(r * shape[1], (r + 1) * shape[1])]),
        );
        expect(permuteRows(permuted, inverse).bytes).toEqual(tensor.bytes);
      }),
    );
  });

  test('dense vectors and stacks join along the first axis', () => {
    const a = packDense(Float32Array.of(1, 2, 3), [3], 'f16');
    expect([...unpack(concatRows([a, a]))]).toEqual([1, 2, 3, 1, 2, 3]);
    const b = packDense(Float32Array.of(1, 2, 3, 4), [1, 2, 2], 'f32');
    expect(concatRows([b, b]).shape).toEqual([2, 2, 2]);
  });
});

describe('refusals', () => {
  const codes = new Uint8Array(32);
  const scales = Float32Array.of(1);
  const cases: [string, () => unknown, string][] = [
    [
      'few values',
      () => packDense(new Float32Array(3), [2, 2], 'f32'),
      '[packDense] 3 values; the shape takes 4.',
    ],
    [
      'f16 overflow',
      () => packDense(Float32Array.of(1, -65_520), [2], 'f16'),
      '[packDense] value -65520 at index 1 is beyond f16; a finite weight must stay finite. Fix: store this tensor as f32, or scale it down.',
    ],
    [
      'few codes',
      () => packInteger({ codes, scales }, [1, 33], integer(4)),
      '[packInteger] 32 codes; the shape takes 33.',
    ],
    [
      'many scales',
      () => packInteger({ codes, scales: Float32Array.of(1, 2) }, [1, 32], integer(4)),
      '[packInteger] 2 scales; the shape takes 1.',
    ],
    [
      'no zero points',
      () => packInteger({ codes, scales }, [1, 32], integer(4, 32, true)),
      '[packInteger] 0 zero points; the shape takes 1.',
    ],
    [
      'surplus zero points',
      () => packInteger({ codes, scales, zeroPoints: Uint8Array.of(1) }, [1, 32], integer(4)),
      '[packInteger] 1 zero points; the shape takes 0.',
    ],
    [
      'a wide code',
      () => packInteger({ codes: codes.map((_, i) => (i === 9 ? 8 : 0)), scales }, [1, 32], integer(3)),
      '[packInteger] code 8 at index 9; int3-g32 holds codes from 0 to 7.',
    ],
    [
      'a wide zero point',
      () => packInteger({ codes, scales, zeroPoints: Uint8Array.of(16) }, [1, 32], integer(4, 32, true)),
      '[packInteger] zero point 16 at index 0; int4-g32-zp holds zero points from 0 to 15.',
    ],
    [
      'a scale beyond f16',
      () => packInteger({ codes, scales: Float32Array.of(65_520) }, [1, 32], integer(4)),
      '[packInteger] scale 65520 at index 0; scales are stored as f16, finite and at most 65504 in magnitude. Fix: keep this tensor dense in f32, or scale it down.',
    ],
    [
      'a scale that is not a number',
      () => packNM({ codes: codes.fill(8), scales: Float32Array.of(NaN) }, [1, 32], sparse(2, 4, integer(4))),
      '[packNM] scale NaN at index 0; scales are stored as f16, finite and at most 65504 in magnitude. Fix: keep this tensor dense in f32, or scale it down.',
    ],
    [
      'a full group',
      () => packNM(Float32Array.of(0, 0, 0, 0, 1, 2, 3), [1, 7], sparse(2, 4, f16Layout)),
      '[packNM] row 0 has 3 values that are not zero in columns 4 to 6; 2:4 keeps at most 2. Fix: prune the matrix to this pattern first.',
    ],
    [
      'numbers for codes',
      () => packNM(new Float32Array(32), [1, 32], sparse(2, 4, integer(4))),
      '[packNM] numbers for integer values; integer values take codes and scales, dense values a Float32Array.',
    ],
    [
      'codes for numbers',
      () => packNM({ codes, scales }, [1, 32], sparse(2, 4, f16Layout)),
      '[packNM] codes and scales for dense values; integer values take codes and scales, dense values a Float32Array.',
    ],
    [
      'short bytes',
      () => unpack({ layout: integer(4), shape: [1, 32], bytes: new Uint8Array(31) }),
      '[unpack] the tensor has 31 bytes; int4-g32 of shape [1, 32] takes 32.',
    ],
    [
      'floats as integers',
      () => unpackInteger(packDense(scales, [1], 'f16')),
      '[unpackInteger] a tensor of layout f16; only integer layouts hold codes and scales.',
    ],
    [
      'joining nothing',
      () => concatRows([]),
      '[concatRows] no tensors; tensors that are joined have one layout and agree in every axis but the first.',
    ],
    [
      'joining scalars',
      () => concatRows([packDense(scales, [], 'f32')]),
      '[concatRows] a scalar, f32 []; tensors that are joined have one layout and agree in every axis but the first.',
    ],
    [
      'joining layouts',
      () => concatRows([packDense(scales, [1], 'f32'), packDense(scales, [1], 'f16')]),
      '[concatRows] f32 [1] with f16 [1]; tensors that are joined have one layout and agree in every axis but the first.',
    ],
    [
      'joining widths',
      () => concatRows([packDense(scales, [1, 1], 'f32'), packDense(new Float32Array(2), [1, 2], 'f32')]),
      '[concatRows] f32 [1, 1] with f32 [1, 2]; tensors that are joined have one layout and agree in every axis but the first.',
    ],
    [
      'permuting a vector',
      () => permuteRows(packDense(scales, [1], 'f32'), [0]),
      '[permuteRows] shape [1]; rows are permuted in matrices, [rows, columns].',
    ],
    [
      'a row named twice',
      () => permuteRows(packDense(new Float32Array(2), [2, 1], 'f32'), [0, 0]),
      '[permuteRows] a permutation of 2 entries, 1 different; it must name each of the rows 0 to 1 once.',
    ],
    [
      'a row that is not there',
      () => permuteRows(packDense(new Float32Array(2), [2, 1], 'f32'), [0, 2]),
      '[permuteRows] a permutation of 2 entries, 2 different; it must name each of the rows 0 to 1 once.',
    ],
  ];
  test.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ message }));
  });
});
