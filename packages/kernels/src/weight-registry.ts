// Every family of weight formats with what tests and benches need of it. Nothing that ships to a page imports this.
import { example as blockSparse } from './products/block-sparse-matmul/example.ts';
import { example as codebook } from './weights/codebook/example.ts';
import { example as dense } from './weights/dense/example.ts';
import type { WeightExample } from './weights/example.ts';
import { example as float8 } from './weights/float8/example.ts';
import { example as fp4 } from './weights/fp4/example.ts';
import { example as int8Tokens } from './products/matmul-int8-tokens/example.ts';
import { example as integer } from './weights/integer/example.ts';
import { example as mxfp4 } from './weights/mxfp4/example.ts';
import { example as nf4 } from './weights/nf4/example.ts';
import { example as nm } from './weights/n-m/example.ts';
import { example as nvfp4 } from './weights/nvfp4/example.ts';
import type { FormatFamily, WeightCodec } from './contract/weight-codec.ts';
import type { HostTensor, WeightFormat } from './contract/weight-format.ts';

export type { WeightExample } from './weights/example.ts';

export const weightExamples: readonly WeightExample[] = [
  blockSparse,
  codebook,
  dense,
  float8,
  fp4,
  int8Tokens,
  integer,
  mxfp4,
  nf4,
  nm,
  nvfp4,
];

export const weightFamilies: readonly FormatFamily[] = weightExamples.map(({ family }) => family);

export const weightCodecs: readonly WeightCodec[] = weightExamples.map(({ codec }) => codec);

/** A tensor of random numbers in any registered format. */
export function randomWeight(
  format: WeightFormat,
  shape: readonly number[],
  normal: () => number,
): HostTensor {
  const example = weightExamples.find(({ family }) => family.family === format.family)!;
  return example.tensor(format, shape, normal, weightExamples);
}

/** Numbers in any registered format, by the plainest rounding there is. */
export function roundedWeight(
  format: WeightFormat,
  values: Float32Array,
  shape: readonly number[],
): HostTensor {
  const example = weightExamples.find(({ family }) => family.family === format.family)!;
  return example.rounded(format, values, shape, weightExamples);
}
