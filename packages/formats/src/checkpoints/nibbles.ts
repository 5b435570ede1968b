// Codes of four bits, two in a byte, and what goes with them.
import { shown } from '../bad-file.ts';
import type { StoredTensor } from '../safetensors/open.ts';
import { bytesOf, type Layer } from './layers.ts';

/** The even element of a pair is the low nibble. */
export const nibblesLowFirst = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: 2 * bytes.length }, (_, i) => (bytes[i >> 1]! >> (4 * (i & 1))) & 15);

/** The even element of a pair is the high nibble; so many of them. */
export const nibblesHighFirst = (bytes: Uint8Array, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => (bytes[i >> 1]! >> (4 - 4 * (i & 1))) & 15);

/** The one f32 of a tensor, for each row. */
export async function outerScales(
  layer: Layer,
  suffix: string,
  tensor: StoredTensor,
  rows: number,
): Promise<Uint8Array> {
  const bytes = await bytesOf(tensor);
  if (bytes.length !== 4)
    layer.refuse(
      `${layer.name}${suffix} has shape ${shown(tensor.shape)}`,
      'it is one scale of the whole weight',
    );
  const [value] = new Float32Array(bytes.buffer, bytes.byteOffset, 1);
  return new Uint8Array(new Float32Array(rows).fill(value!).buffer);
}
