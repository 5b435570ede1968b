// Scales, zero points and minimums as they are stored.
import { TilewrightError } from '../../contract/errors.ts';
import { f32ToBf16Bits, f32ToF16Bits } from '../../numbers/float16.ts';
import type { ScaleType, ZeroType } from './scaling.ts';

/** Where rounding reaches infinity. */
const limits: Readonly<Record<ScaleType | ZeroType, number>> = {
  f16: 65_520,
  bf16: 255.75 * 2 ** 120,
  f32: 2 ** 128 - 2 ** 103,
  e8m0: 2 ** 128,
  bytes: 256,
};

/** Numbers in one of the types, rounded; throws `bad-argument` for those that it cannot hold, and calls them `what`. */
export function encodeScales(
  subject: string,
  what: string,
  values: ArrayLike<number>,
  type: ScaleType | ZeroType,
): Uint8Array {
  const refuse = (index: number, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `${what} ${values[index]} at index ${index}`,
      requirement,
      fix,
    });
  };
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (type === 'e8m0' && !(value > 0 && Number.isInteger(Math.log2(value))))
      refuse(i, `${what}s are stored as e8m0: powers of two`, 'store them in f16, or round them up');
    if (type === 'bytes' && !(Number.isInteger(value) && value >= 0))
      refuse(i, `${what}s are stored as bytes`, 'take a format with zero points in f16');
    // NaN fails the comparison too.
    if (!(Math.abs(value) < limits[type]))
      refuse(
        i,
        type === 'f16'
          ? `${what}s are stored as f16, finite and at most 65504 in magnitude`
          : `${what}s are stored as ${type}, which cannot hold it`,
        'keep this tensor dense in f32, or scale it down',
      );
  }
  switch (type) {
    case 'f16':
      return bytesOf(Uint16Array.from(values, f32ToF16Bits));
    case 'bf16':
      return bytesOf(Uint16Array.from(values, f32ToBf16Bits));
    case 'f32':
      return bytesOf(Float32Array.from(values));
    case 'e8m0':
      return Uint8Array.from(values, (value) => Math.log2(value) + 127);
    case 'bytes':
      return Uint8Array.from(values);
  }
}

const bytesOf = ({ buffer }: Uint16Array | Float32Array): Uint8Array => new Uint8Array(buffer as ArrayBuffer);
