import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { f16BitsToF32, f32ToF16Bits } from '../../numbers/float16.ts';
import { concatRows, formatBytes, type HostTensor } from '../index.ts';
import { integer } from '../integer/index.ts';
import { dense, denseFamily, packDense, packF32, unpackDense, type DenseDType } from './index.ts';

const asF16 = (value: number): number => f16BitsToF32(f32ToF16Bits(value));

/** The same tensor with its bytes at an odd address. */
function misaligned(tensor: HostTensor): HostTensor {
  const buffer = new Uint8Array(tensor.bytes.length + 3);
  buffer.set(tensor.bytes, 3);
  return { ...tensor, bytes: buffer.subarray(3) };
}

test.each<[DenseDType, number]>([
  ['f64', 8],
  ['i64', 8],
  ['f32', 4],
  ['u32', 4],
  ['bf16', 2],
  ['i16', 2],
  ['u8', 1],
  ['bool', 1],
])('%s takes %i bytes an element and no padding', (dtype, size) => {
  expect(formatBytes(dense(dtype), [3, 5, 7])).toBe(105 * size);
  expect(formatBytes(dense(dtype), [])).toBe(size);
});

test('floats round to nearest', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, min: -60_000, max: 60_000 })), (list) => {
      const values = Float32Array.from(list);
      expect(unpackDense(misaligned(packDense(values, [values.length], 'f32')))).toEqual(values);
      expect(unpackDense(misaligned(packDense(values, [values.length], 'f16')))).toEqual(values.map(asF16));
      expect(unpackDense(misaligned(packF32(values, [values.length])))).toEqual(values);
      const bf16 = unpackDense(misaligned(packDense(values, [values.length], 'bf16')));
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
])('%s is read', (dtype, buffer, want) => {
  const tensor = {
    format: dense(dtype),
    shape: [2],
    bytes: new Uint8Array(buffer),
  };
  expect([...unpackDense(misaligned(tensor))]).toEqual(want);
});

test('infinities survive where they were infinite already', () => {
  const values = Float32Array.of(Infinity, -Infinity);
  expect(unpackDense(packDense(values, [2], 'f16'))).toEqual(values);
});

test('vectors and stacks join along the first axis', () => {
  const a = packDense(Float32Array.of(1, 2, 3), [3], 'f16');
  expect([...unpackDense(concatRows([a, a]))]).toEqual([1, 2, 3, 1, 2, 3]);
  const b = packDense(Float32Array.of(1, 2, 3, 4), [1, 2, 2], 'f32');
  expect(concatRows([b, b]).shape).toEqual([2, 2, 2]);
});

describe('refusals', () => {
  const packed = {
    format: integer({ bits: 4 }),
    shape: [1, 32],
    bytes: new Uint8Array(32),
  };
  const cases: [string, () => unknown, string][] = [
    [
      'few values',
      () => packDense(new Float32Array(3), [2, 2], 'f32'),
      '[packDense] 3 values; the shape takes 4. Fix: give as many.',
    ],
    [
      'few values of f32',
      () => packF32(new Float32Array(5), [2, 2]),
      '[packF32] 5 values; the shape takes 4. Fix: give as many.',
    ],
    [
      'f16 overflow',
      () => packDense(Float32Array.of(1, -65_520), [2], 'f16'),
      '[packDense] value -65520 at index 1 is beyond f16; a finite weight must stay finite. Fix: store this tensor as f32, or scale it down.',
    ],
    [
      'another format',
      () => unpackDense(packed),
      '[unpackDense] the tensor is stored as int4-g32; it takes dense tensors, of more than eight bits where they are floats. Fix: unpack it with the codec of its own format.',
    ],
    [
      'an unknown type',
      () => denseFamily.format({ format: 'dense', dtype: 'constructor' }, () => dense('f32')),
      "[dense] the element type is 'constructor'; it is f32, f16, bf16, f64, i64, i32, i16, i8, u32, u16, u8, bool, f8_e4m3, f8_e5m2 or f8_e8m0. Fix: give one of these.",
    ],
  ];
  test.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ message }));
  });
});
