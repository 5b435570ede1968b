import type { HostTensor } from '../../contract/weight-format.ts';
import type { WeightExample } from '../example.ts';
import { dense, denseFamily, type DenseFormat } from './format.ts';
import { packDense } from './pack.ts';
import { denseCodec, unpackDense } from './unpack.ts';

/** Numbers of about unit size over the square root of the row length. */
export function denseExample(
  { dtype }: DenseFormat,
  shape: readonly number[],
  normal: () => number,
): HostTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const spread = 1 / Math.sqrt(shape.at(-1) ?? 1);
  return packDense(
    Float32Array.from({ length: count }, () => normal() * spread),
    shape,
    dtype as 'f32' | 'f16' | 'bf16',
  );
}

export const example: WeightExample<DenseFormat> = {
  family: denseFamily,
  codec: denseCodec,
  formats: [dense('f32'), dense('f16'), dense('bf16')],
  quantizers: [],
  tensor: denseExample,
  repacked: ({ format, shape, ...rest }) =>
    packDense(unpackDense({ format, shape, ...rest }), shape, (format as DenseFormat).dtype as 'f32'),
  rounded: ({ dtype }, values, shape) => packDense(values, shape, dtype as 'f32'),
};
