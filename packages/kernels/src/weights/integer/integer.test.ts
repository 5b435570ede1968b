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
      { name: 'codes', offset: 0, rowBytes: 48, blockBytes: 16, sizeBytes: 144 },
      { name: 'scales', offset: 144, rowBytes: 6, blockBytes: 2, sizeBytes: 18 },
      { name: 'zero points', offset: 176, rowBytes: 3, blockBytes: 1, sizeBytes: 9 },
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
      () => integer({ bits: 5 as 4 }),
      '[format int5-g32] codes of 5 bits; integer codes have 3, 4 or 8 bits. Fix: take one of these.',
    ],
    [
      'other groups',
      () => integer({ bits: 4, group: 48 }),
      '[format int4-g48] groups of 48 columns; a group is a positive multiple of 32 columns. Fix: take 32, 64, 128 or another multiple of 32.',
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
