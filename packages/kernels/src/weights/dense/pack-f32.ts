import type { HostTensor } from '../../contract/weight-format.ts';
import { expectLength } from '../sections.ts';
import { dense, type DenseFormat } from './format.ts';

/**
 * A dense f32 tensor of these values: `packDense` for pages, which carry nothing that rounds.
 *
 * @throws `bad-argument` for a number of values that is not the shape's.
 */
export function packF32(values: Float32Array, shape: readonly number[]): HostTensor {
  const tensor = zeros('packF32', dense('f32'), shape, values.length);
  new Float32Array(tensor.bytes.buffer).set(values);
  return tensor;
}

/** A tensor of zeros, into which that many values fit. Throws `bad-argument` where they do not. */
export function zeros(
  subject: string,
  format: DenseFormat,
  shape: readonly number[],
  count: number,
): HostTensor & { readonly bytes: Uint8Array<ArrayBuffer> } {
  const { rows, columns, sizeBytes } = format.sections(shape);
  expectLength(subject, 'values', count, rows * columns);
  return { format, shape, bytes: new Uint8Array(sizeBytes) };
}
