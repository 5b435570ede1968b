// IEEE 754 binary16 and bfloat16 as bit patterns, for storage: WebGPU hosts cannot rely on Float16Array
// (Node 20 has none, and some Dawn builds crash on one).

const scratch = new DataView(new ArrayBuffer(4));

/** The bits of the binary16 nearest to `value` (ties to even); overflow gives infinity, as IEEE 754 says. */
export function f32ToF16Bits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  if (magnitude >= 0x4780_0000) return sign | 0x7c00;
  if (magnitude < 0x3880_0000) {
    // Subnormal result: the value in units of 2^-24, rounded to even by the float addition itself.
    scratch.setUint32(0, magnitude);
    return sign | roundToEven(scratch.getFloat32(0) * 2 ** 24);
  }
  const rounded = magnitude + 0x0fff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x3800_0000) >>> 13);
}

/**
 * The bits that a tensor stores for `value`, as kernels store it: beyond 65504 and infinities become ±65504, so that no finite
 * value becomes infinite in silence; NaN stays NaN.
 */
export function f32ToStoredF16Bits(value: number): number {
  const bits = f32ToF16Bits(value);
  return (bits & 0x7fff) === 0x7c00 ? bits - 1 : bits;
}

/** The value of a binary16 bit pattern. */
export function f16BitsToF32(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the bfloat16 nearest to `value` (ties to even). */
export function f32ToBf16Bits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The value of a bfloat16 bit pattern. */
export function bf16BitsToF32(bits: number): number {
  scratch.setUint32(0, (bits << 16) >>> 0);
  return scratch.getFloat32(0);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}

/**
 * The scale as f16 stores it. Below its normal numbers f16 has few steps: there a scale is rounded up, so that the extreme
 * values keep their codes, and the smallest one serves groups that would want a smaller one still.
 */
export function scaleInF16(scale: number): number {
  const bits = f32ToF16Bits(scale);
  const stored = f16BitsToF32(bits);
  const isBelow = Math.abs(scale) < 2 ** -14 && Math.abs(stored) < Math.abs(scale);
  return isBelow ? f16BitsToF32(bits + 1) : stored;
}
