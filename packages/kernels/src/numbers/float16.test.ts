import { expect, test } from 'vitest';
import { bf16BitsToF32, f16BitsToF32, f32ToBf16Bits, f32ToF16Bits } from './float16.ts';

const allPatterns = Array.from({ length: 65_536 }, (_, bits) => bits);

const f32 = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0]!;

/** binary16 by definition, written without bit tricks shared with the code under test. */
function f16ByDefinition(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15, (bits >> 10) % 32, bits % 1024];
  if (exponent === 31) return fraction > 0 ? NaN : sign ? -Infinity : Infinity;
  const magnitude =
    exponent === 0 ? (fraction / 1024) * 2 ** -14 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return sign ? -magnitude : magnitude;
}

test('every f16 pattern has its value and comes back', () => {
  const wrong = allPatterns.filter((bits) => {
    const value = f16BitsToF32(bits);
    const back = f32ToF16Bits(value);
    if (!Object.is(value, f16ByDefinition(bits))) return true;
    return Number.isNaN(value) ? (back & 0x7c00) !== 0x7c00 || (back & 0x3ff) === 0 : back !== bits;
  });
  expect(wrong).toEqual([]);
});

test('every bf16 pattern has its value and comes back', () => {
  const wrong = allPatterns.filter((bits) => {
    const value = bf16BitsToF32(bits);
    const back = f32ToBf16Bits(value);
    if (!Object.is(value, f32(bits * 65_536))) return true;
    return Number.isNaN(value) ? (back & 0x7f80) !== 0x7f80 || (back & 0x7f) === 0 : back !== bits;
  });
  expect(wrong).toEqual([]);
});

test.each([
  ['f16', f32ToF16Bits, f16BitsToF32, 0x7bff],
  ['bf16', f32ToBf16Bits, bf16BitsToF32, 0x7f7f],
] as const)(
  'between any two %s neighbours, values round to the nearer and ties to even',
  (_, encode, decode, largest) => {
    const wrong: number[] = [];
    for (let bits = 0; bits < largest; bits++) {
      const [low, high] = [decode(bits), decode(bits + 1)];
      const middle = Math.fround((low + high) / 2);
      const even = bits % 2 === 0 ? bits : bits + 1;
      // The nearest f32 on either side of the middle, by its own bits.
      const pattern = new Uint32Array(Float32Array.of(middle).buffer)[0]!;
      const tie = low + high === 2 * middle ? even : middle - low < high - middle ? bits : bits + 1;
      const negative = encode(-middle) === (tie | 0x8000);
      if (encode(middle) !== tie || !negative) wrong.push(bits);
      if (
        pattern > 0 &&
        tie === even &&
        (encode(f32(pattern - 1)) !== bits || encode(f32(pattern + 1)) !== bits + 1)
      )
        wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  },
);

test('values beyond the largest become infinite from half a step on', () => {
  expect(f32ToF16Bits(65_519.996)).toBe(0x7bff);
  expect(f32ToF16Bits(65_520)).toBe(0x7c00);
  expect(f32ToF16Bits(-1e9)).toBe(0xfc00);
  expect(f32ToBf16Bits(f32(0x7f7f_7fff))).toBe(0x7f7f);
  expect(f32ToBf16Bits(f32(0x7f7f_8000))).toBe(0x7f80);
});
