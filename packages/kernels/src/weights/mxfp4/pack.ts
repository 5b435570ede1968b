import type { WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { dequantizeGrouped } from '../grouped/numbers.ts';
import { expectFamily, packTable, type TableParts, unpackTable } from '../grouped/table-pack.ts';
import type { Mxfp4Format } from './format.ts';
import { e2m1Numbers } from '../../numbers/e2m1-numbers.ts';

/** A matrix before packing, or after unpacking. */
export type Mxfp4Parts = TableParts;

/** Codes and scales as a tensor. Throws `bad-argument` for parts of the wrong length, wide codes, and scales that do not fit. */
export const packMxfp4 = (parts: Mxfp4Parts, shape: readonly number[], format: Mxfp4Format): HostTensor =>
  packTable('packMxfp4', parts, shape, format);

/** Codes and scales of a tensor. Throws `bad-format` for another format, `bad-argument` where its bytes do not fit. */
export const unpackMxfp4 = (tensor: HostTensor): Mxfp4Parts => unpackTable('unpackMxfp4', tensor, 'mxfp4');

/** The numbers of a tensor, row-major. Throws as {@link unpackMxfp4}. */
export const dequantizeMxfp4 = (tensor: HostTensor): Float32Array =>
  dequantizeGrouped(expectFamily('unpackMxfp4', tensor, 'mxfp4'), e2m1Numbers);

export const mxfp4Codec: WeightCodec = {
  family: 'mxfp4',
  unpack: dequantizeMxfp4,
};
