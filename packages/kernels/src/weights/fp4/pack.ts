import type { WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { dequantizeGrouped } from '../grouped/numbers.ts';
import { expectFamily, packTable, type TableParts, unpackTable } from '../grouped/table-pack.ts';
import type { Fp4Format } from './format.ts';
import { fp4Numbers } from './numbers.ts';

/** A matrix before packing, or after unpacking. */
export type Fp4Parts = TableParts;

/** Codes and scales as a tensor. Throws `bad-argument` for parts of the wrong length, wide codes, and scales that do not fit. */
export const packFp4 = (parts: Fp4Parts, shape: readonly number[], format: Fp4Format): HostTensor =>
  packTable('packFp4', parts, shape, format);

/** Codes and scales of a tensor. Throws `bad-format` for another format, `bad-argument` where its bytes do not fit. */
export const unpackFp4 = (tensor: HostTensor): Fp4Parts => unpackTable('unpackFp4', tensor, 'fp4');

/** The numbers of a tensor, row-major. Throws as {@link unpackFp4}. */
export const dequantizeFp4 = (tensor: HostTensor): Float32Array =>
  dequantizeGrouped(expectFamily('unpackFp4', tensor, 'fp4'), fp4Numbers);

export const fp4Codec: WeightCodec = { family: 'fp4', unpack: dequantizeFp4 };
