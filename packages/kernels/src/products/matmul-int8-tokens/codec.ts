import type { FormatFamily, WeightCodec } from '../../contract/weight-codec.ts';
import type { FormatRecord, HostTensor, WeightFormat } from '../../contract/weight-format.ts';
import { checkRecord, unpack } from '../../weights/families.ts';
import { readRecords } from '../../weights/records.ts';
import { tensorSections } from '../../weights/sections.ts';
import { family, type Int8TokensFormat, int8TokensFormat } from './format.ts';
import { matmulInt8Tokens } from './kernel.ts';

/**
 * The format of integer weights whose products round their activation to int8, one step a row. Throws `bad-format` for weights that
 * have no codes for these to meet.
 */
export const withInt8Tokens = (weights: WeightFormat): Int8TokensFormat =>
  int8TokensFormat(weights, [matmulInt8Tokens]);

export const int8TokensFamily: FormatFamily = {
  family,
  records: readRecords,
  format: (record, inner) => {
    checkRecord(record, { weights: 'object' });
    return withInt8Tokens(inner(record.weights as FormatRecord));
  },
};

/** The tensor in the format of its weights alone. */
export const plainWeights = (tensor: HostTensor): HostTensor => ({
  ...tensor,
  format: (tensor.format as Int8TokensFormat).weights,
});

export const int8TokensCodec: WeightCodec = {
  family,
  unpack: (tensor, codecs) => {
    tensorSections('unpack', tensor);
    return unpack(plainWeights(tensor), codecs);
  },
};
