// Floats of eight and four bits and scales of eight, by their codes (OCP, Open Compute Project, 8-bit Floating Point
// Specification 2023 and Microscaling Formats 2023). All their values are exact in f32.

/** A float of a sign, exponent and mantissa: subnormal where the exponent is 0. */
const small = (code: number, mantissaBits: number, bias: number, signBit: number): number => {
  const magnitude = code & (signBit - 1);
  const exponent = magnitude >> mantissaBits;
  const fraction = (magnitude & (2 ** mantissaBits - 1)) / 2 ** mantissaBits;
  const value = exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
  return code & signBit ? -value : value;
};

/** E4M3: bias 7, no infinities; only 0x7F and 0xFF are NaN, the largest is 448. */
export const e4m3ToF32 = (code: number): number => ((code & 0x7f) === 0x7f ? NaN : small(code, 3, 7, 0x80));

/** E5M2: bias 15, the upper byte of a binary16, with its infinities and NaNs. */
export function e5m2ToF32(code: number): number {
  const magnitude = code & 0x7f;
  if (magnitude > 0x7c) return NaN;
  if (magnitude === 0x7c) return code & 0x80 ? -Infinity : Infinity;
  return small(code, 2, 15, 0x80);
}

/** E2M1: 0, ½, 1, 1½, 2, 3, 4, 6, and bit 3 the sign. */
export const e2m1ToF32 = (code: number): number => small(code, 1, 1, 8);

/** E8M0: `2^(code - 127)`; 255 is NaN. */
export const e8m0ToF32 = (code: number): number => (code === 255 ? NaN : 2 ** (code - 127));
