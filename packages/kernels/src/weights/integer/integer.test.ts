import { describe, expect, test } from 'vitest';
import { bitsPerWeight, type HostTensor } from '../index.ts';
import { packDense } from '../dense/index.ts';
import {
  dequantizeInteger,
  integer,
  integerQuantizer,
  type IntegerQuantizerOptions,
  packInteger,
  unpackInteger,
} from './index.ts';

const words = (tensor: HostTensor): number[] => [...new Uint32Array(tensor.bytes.slice().buffer)];
const one = Float32Array.of(1);

test('sections of int4-g32-zp of [3, 70]', () => {
  expect(integer({ bits: 4, zeroPoint: true }).sections([3, 70])).toEqual({
    rows: 3,
    columns: 70,
    sections: [
      {
        name: 'codes',
        offset: 0,
        rowBytes: 48,
        blockBytes: 16,
        sizeBytes: 144,
      },
      {
        name: 'scales',
        offset: 144,
        rowBytes: 6,
        blockBytes: 2,
        sizeBytes: 18,
      },
      {
        name: 'zero points',
        offset: 176,
        rowBytes: 3,
        blockBytes: 1,
        sizeBytes: 9,
      },
    ],
    sizeBytes: 192,
  });
});

test('bits per weight, with scales', () => {
  const bits = (format: ReturnType<typeof integer>): number =>
    bitsPerWeight({
      format,
      shape: [128, 384],
      bytes: new Uint8Array(format.sections([128, 384]).sizeBytes),
    });
  expect(bits(integer({ bits: 8 }))).toBe(8.5);
  expect(bits(integer({ bits: 4 }))).toBe(4.5);
  expect(bits(integer({ bits: 3 }))).toBe(3.5);
  expect(bits(integer({ bits: 4, zeroPoint: true }))).toBe(4.75);
});

describe('bits, as the decoders in WGSL read them', () => {
  const columns = (bits: number, length: number): Uint8Array =>
    Uint8Array.from({ length }, (_, c) => (c * 5 + 3) % 2 ** bits);

  test('8 bits: byte j of word w is column 4w + j', () => {
    const packed = packInteger({ codes: columns(8, 32), scales: one }, [1, 32], integer({ bits: 8 }));
    expect([...packed.bytes.subarray(0, 32)]).toEqual([...columns(8, 32)]);
  });

  test('4 bits: two masks give eight consecutive columns', () => {
    const codes = columns(4, 32);
    const packed = words(packInteger({ codes, scales: one }, [1, 32], integer({ bits: 4 })));
    for (let w = 0; w < 4; w++) {
      const vectors = [packed[w]! & 0x0f0f0f0f, (packed[w]! >>> 4) & 0x0f0f0f0f].flatMap((v) =>
        [v, v >> 8, v >> 16, v >> 24].map((b) => b & 255),
      );
      expect(vectors).toEqual([...codes.subarray(8 * w, 8 * w + 8)]);
    }
  });

  test('3 bits: low pairs and high bits of four consecutive columns by one mask each', () => {
    const codes = columns(3, 64);
    const packed = words(
      packInteger({ codes, scales: Float32Array.of(1, 1) }, [1, 64], integer({ bits: 3 })),
    );
    for (let run = 0; run < 2; run++) {
      for (let quad = 0; quad < 8; quad++) {
        const low = (packed[3 * run + (quad >> 2)]! >>> (2 * (quad & 3))) & 0x03030303;
        const high = (packed[3 * run + 2]! >>> quad) & 0x01010101;
        const got = [0, 8, 16, 24].map((shift) => ((low >>> shift) & 3) + 4 * ((high >>> shift) & 1));
        expect(got).toEqual([...codes.subarray(32 * run + 4 * quad, 32 * run + 4 * quad + 4)]);
      }
    }
  });

  test('every 3-bit code in every column of a run', () => {
    for (let code = 0; code < 8; code++) {
      for (let column = 0; column < 32; column++) {
        const codes = new Uint8Array(32).fill(7 - code);
        codes[column] = code;
        const packed = packInteger({ codes, scales: one }, [1, 32], integer({ bits: 3 }));
        expect(unpackInteger(packed).codes).toEqual(codes);
      }
    }
  });

  test('scales are halves, low first; zero points are bytes; padding decodes to zero', () => {
    const parts = {
      codes: Uint8Array.of(1, 2, 3),
      scales: Float32Array.of(1.5, -2, 0.25),
      zeroPoints: Uint8Array.of(7, 8, 9),
    };
    const packed = packInteger(parts, [3, 1], integer({ bits: 4, zeroPoint: true }));
    const rest = (digit: number): number[] => Array(3).fill(0x11111111 * digit);
    expect(words(packed).slice(0, 12)).toEqual([
      0x77777771,
      ...rest(7),
      0x88888882,
      ...rest(8),
      0x99999993,
      ...rest(9),
    ]);
    expect(words(packed).slice(12)).toEqual([0xc0003e00, 0x3400, 0, 0, 0x090807, 0, 0, 0]);
    expect([...dequantizeInteger(packed)]).toEqual([-9, 12, -1.5]);
  });
});

describe('refusals', () => {
  const codes = new Uint8Array(32);
  const scales = Float32Array.of(1);
  const int4 = integer({ bits: 4 });
  const zeros = integer({ bits: 4, zeroPoint: true });
  const cases: [string, () => unknown, string][] = [
    [
      'other bits',
      () => integer({ bits: 7 as 4 }),
      '[format int7-g32] codes of 7 bits; integer codes have 1 to 6 or 8 bits. Fix: take one of these.',
    ],
    [
      'other groups',
      () => integer({ bits: 4, group: 4.5 }),
      "[format int4-g4.5] groups of 4.5; a group is a positive number of columns, or 'row'. Fix: take 32, 64, 128 or such.",
    ],
    [
      'other places',
      () => integer({ bits: 4, places: 'here' as 'flat' }),
      "[format int4-g32-here] the places of groups are 'here'; they are 'rows', 'flat', 'across' or 'indexed'. Fix: give one of these.",
    ],
    [
      'rows elsewhere',
      () => integer({ bits: 4, group: 'row', places: 'flat' }),
      "[format int4-row-flat] groups are rows, and their places 'flat'; then they are 'rows'. Fix: leave places out.",
    ],
    [
      'other scales',
      () => integer({ bits: 4, scale: 'f64' as 'f32' }),
      '[format int4-g32-f64] scales of f64; scales are f16, bf16, f32, e8m0. Fix: take one of these.',
    ],
    [
      'a unit that f32 has not',
      () => integer({ bits: 8, unit: 0.1 }),
      '[format int8-g32-x0.1] the unit is 0.1; it is a number of f32. Fix: round it with Math.fround.',
    ],
    [
      'a unit of minimums',
      () => integer({ bits: 8, unit: 2, zero: 'minimum' }),
      '[format int8-g32-minimum-x2] minimums besides a unit; products of scales and codes must be exact in f32. Fix: take scales of f16 or bf16, and no unit.',
    ],
    [
      'a zero that is no code',
      () => integer({ bits: 2, zero: 4 }),
      '[format int2-g32-z4] the code of zero is 4; it is a code of 2 bits. Fix: give one from 0 to 3.',
    ],
    [
      'a type of zero points without them',
      () => integer({ bits: 2, zero: 'f16' }),
      "[format int2-g32-f16] zero is 'f16' without zero points; then it is a number or 'minimum'. Fix: set zeroPoint.",
    ],
    [
      'zero points and minimums',
      () => integer({ bits: 2, zeroPoint: true, zero: 'minimum' }),
      "[format int2-g32-zp-minimum] zero points, and zero is minimum; then it is 'bytes', 'f16' or 'f32'. Fix: leave one of both out.",
    ],
    [
      'nested scales and others',
      () => integer({ bits: 4, zeroPoint: true, nested: { outer: 8 } }),
      '[format int4-g32-zp-n8] nested scales besides others; they take the place of scale, zero points and unit. Fix: leave these out.',
    ],
    [
      'inner scales of four bits alone',
      () => integer({ bits: 4, nested: { outer: 8, inner: 4 } }),
      '[format int4-g32-n8] 8 groups with inner scales of 4 bits; inner scales have 8 bits, or 4 beside minimums of 4. Fix: give a number of groups, and inner as 8 or 4.',
    ],
    [
      'packing nested scales',
      () => packInteger({ codes, scales }, [1, 32], integer({ bits: 4, nested: { outer: 8 } })),
      '[packInteger] int4-g32-n8 has nested scales; it takes formats with a scale for each group. Fix: pack its sections with packGrouped.',
    ],
    [
      'nested minimums of many bits',
      () => integer({ bits: 6, nested: { outer: 8, minimum: true } }),
      '[format int6-g32-n8-min8] nested minimums of 6 bits; products of scales and codes must be exact in f32. Fix: take 5 bits or less.',
    ],
    [
      'more than two axes',
      () => int4.sections([2, 3, 32]),
      '[format int4-g32] shape [2, 3, 32]; packed formats hold matrices, [rows, columns]. Fix: fold the leading axes into one.',
    ],
    [
      'few codes',
      () => packInteger({ codes, scales }, [1, 33], int4),
      '[packInteger] 32 codes; the shape takes 33. Fix: give as many.',
    ],
    [
      'many scales',
      () => packInteger({ codes, scales: Float32Array.of(1, 2) }, [1, 32], int4),
      '[packInteger] 2 scales; the shape takes 1. Fix: give as many.',
    ],
    [
      'no zero points',
      () => packInteger({ codes, scales }, [1, 32], zeros),
      '[packInteger] 0 zero points; the shape takes 1. Fix: give as many.',
    ],
    [
      'surplus zero points',
      () => packInteger({ codes, scales, zeroPoints: Uint8Array.of(1) }, [1, 32], int4),
      '[packInteger] 1 zero points; the shape takes 0. Fix: give as many.',
    ],
    [
      'a wide code',
      () =>
        packInteger({ codes: codes.map((_, i) => (i === 9 ? 8 : 0)), scales }, [1, 32], integer({ bits: 3 })),
      '[packInteger] code 8 at index 9; int3-g32 holds codes from 0 to 7. Fix: clamp them, or take a format of more bits.',
    ],
    [
      'a wide zero point',
      () => packInteger({ codes, scales, zeroPoints: Uint8Array.of(16) }, [1, 32], zeros),
      '[packInteger] zero point 16 at index 0; int4-g32-zp holds zero points from 0 to 15. Fix: clamp them, or take a format of more bits.',
    ],
    ...[65_520, NaN].map((scale): [string, () => unknown, string] => [
      `a scale of ${scale}`,
      () => packInteger({ codes, scales: Float32Array.of(scale) }, [1, 32], int4),
      `[packInteger] scale ${scale} at index 0; scales are stored as f16, finite and at most 65504 in magnitude. Fix: keep this tensor dense in f32, or scale it down.`,
    ]),
    [
      'an option that no quantizer has',
      () => integerQuantizer({ bits: 4, groupsize: 64 } as IntegerQuantizerOptions),
      "[integerQuantizer] there is no option 'groupsize'; known are bits, group, zeroPoint, scale. Fix: remove it.",
    ],
    [
      'floats as integers',
      () => unpackInteger(packDense(scales, [1], 'f16')),
      '[unpackInteger] the tensor is stored as f16; only integer formats hold codes and scales. Fix: unpack it with the codec of its own format.',
    ],
  ];
  test.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ message }));
  });
});
