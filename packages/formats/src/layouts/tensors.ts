// Tensors of plain elements, and codes in their bits.
import type { HostTensor } from '@tilewright/kernels/weights';
import { dense, type DenseDType } from '@tilewright/kernels/weights/dense';

/** A dense tensor of bytes as they are stored. */
export const tensorOf = (
  dtype: DenseDType,
  shape: readonly number[],
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): HostTensor => ({
  format: dense(dtype),
  shape,
  bytes: new Uint8Array(buffer, byteOffset, byteLength),
});

/**
 * Fields of so many bits, lowest first through 32-bit words and across their borders: `lines` lines of `count` fields, each line in
 * `⌈count · bits / 32⌉` words. Field `i` of a line is `field(line, i)`, and word `w` stands at `place(line, w)`.
 */
export function packedFields(
  bits: number,
  lines: number,
  count: number,
  field: (line: number, index: number) => number,
  place: (line: number, word: number) => number,
): Uint32Array {
  const words = Math.ceil((count * bits) / 32);
  const result = new Uint32Array(lines * words);
  for (let line = 0; line < lines; line++)
    for (let i = 0; i < count; i++) {
      const value = field(line, i);
      const [word, shift] = [(i * bits) >>> 5, (i * bits) & 31];
      result[place(line, word)]! |= value << shift;
      if (shift + bits > 32) result[place(line, word + 1)]! |= value >>> (32 - shift);
    }
  return result;
}

/** Codes of four bits, two to a byte, which of a pair is the low nibble: 0 for the first. */
export function packedNibbles(codes: Uint8Array, low: 0 | 1): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(codes.length / 2));
  for (let i = 0; i < codes.length; i++) bytes[i >> 1]! |= codes[i]! << ((i & 1) === low ? 0 : 4);
  return bytes;
}
