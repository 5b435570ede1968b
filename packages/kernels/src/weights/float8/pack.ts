import type { WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { dequantizeGrouped } from '../grouped/numbers.ts';
import { expectFamily, packTable, type TableParts, unpackTable } from '../grouped/table-pack.ts';
import type { GroupedFormat } from '../grouped/format.ts';
import type { Float8Format } from './format.ts';
import { float8Numbers } from './numbers.ts';

/** A matrix before packing, or after unpacking. */
export type Float8Parts = TableParts;

/** Codes and scales as a tensor. Throws `bad-argument` for parts of the wrong length, and scales that do not fit. */
export const packFloat8 = (parts: Float8Parts, shape: readonly number[], format: GroupedFormat): HostTensor =>
  packTable('packFloat8', parts, shape, format);

/** Codes and scales of a tensor. Throws `bad-format` for another format, `bad-argument` where its bytes do not fit. */
export const unpackFloat8 = (tensor: HostTensor): Float8Parts =>
  unpackTable('unpackFloat8', tensor, 'float8');

/** The numbers of a tensor, row-major. Throws as {@link unpackFloat8}. */
export function dequantizeFloat8(tensor: HostTensor): Float32Array {
  const checked = expectFamily('unpackFloat8', tensor, 'float8');
  return dequantizeGrouped(checked, float8Numbers((checked.format as Float8Format).float));
}

export const float8Codec: WeightCodec = {
  family: 'float8',
  unpack: dequantizeFloat8,
};
