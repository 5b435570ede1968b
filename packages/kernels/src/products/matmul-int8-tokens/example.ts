import type { HostTensor } from '../../contract/weight-format.ts';
import { type WeightExample } from '../../weights/example.ts';
import { integer } from '../../weights/integer/format.ts';
import { int8TokensCodec, int8TokensFamily, plainWeights, withInt8Tokens } from './codec.ts';
import type { Int8TokensFormat } from './format.ts';

/** The example of the weights' own family. */
const innerOf = ({ weights }: Int8TokensFormat, examples: readonly WeightExample[]): WeightExample =>
  examples.find(({ family }) => family.family === weights.family)!;

const wrapped = (format: Int8TokensFormat, tensor: HostTensor): HostTensor => ({ ...tensor, format });

export const example: WeightExample<Int8TokensFormat> = {
  family: int8TokensFamily,
  codec: int8TokensCodec,
  formats: [
    withInt8Tokens(integer({ bits: 8, group: 'row' })),
    withInt8Tokens(integer({ bits: 4, zeroPoint: true })),
  ],
  quantizers: [],
  tensor: (format, shape, normal, examples) =>
    wrapped(format, innerOf(format, examples).tensor(format.weights, shape, normal, examples)),
  repacked: (tensor, examples) => {
    const format = tensor.format as Int8TokensFormat;
    return wrapped(format, innerOf(format, examples).repacked(plainWeights(tensor), examples));
  },
  rounded: (format, values, shape, examples) =>
    wrapped(format, innerOf(format, examples).rounded(format.weights, values, shape, examples)),
};
