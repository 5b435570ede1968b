import type { KeptFields, WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { readCodes, writeCodes } from '../codes.ts';
import { dequantizeGrouped } from '../grouped/numbers.ts';
import { expectFamily, packTable, type TableParts, unpackTable } from '../grouped/table-pack.ts';
import type { Nf4Format } from './format.ts';
import { nf4Numbers, nf4Zero } from './numbers.ts';

/** A matrix before packing, or after unpacking. */
export type Nf4Parts = TableParts;

/** Codes and scales as a tensor. Throws `bad-argument` for parts of the wrong length, wide codes, and scales that are too large. */
export const packNf4 = (parts: Nf4Parts, shape: readonly number[], format: Nf4Format): HostTensor =>
  packTable('packNf4', parts, shape, format);

/** Codes and scales of a tensor. Throws `bad-format` for another format, `bad-argument` where its bytes do not fit. */
export const unpackNf4 = (tensor: HostTensor): Nf4Parts => unpackTable('unpackNf4', tensor, 'nf4');

/** The numbers of a tensor, row-major. Throws as {@link unpackNf4}. */
export const dequantizeNf4 = (tensor: HostTensor): Float32Array =>
  dequantizeGrouped(expectFamily('unpackNf4', tensor, 'nf4'), nf4Numbers);

const wordsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, byteLength >> 2);

const kept: KeptFields = {
  read: (_, bytes, offset, fields) => {
    const codes = new Uint8Array(fields.length);
    readCodes(4, wordsOf(bytes), offset / 4, codes);
    fields.set(codes);
  },
  write: (_, fields, bytes, offset) => writeCodes(4, Uint8Array.from(fields), wordsOf(bytes), offset / 4),
  zero: () => () => nf4Zero,
  isZero: (_, field) => field === nf4Zero,
};

export const nf4Codec: WeightCodec = {
  family: 'nf4',
  unpack: dequantizeNf4,
  kept,
};
