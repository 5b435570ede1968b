import type { WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { checkHost } from '../check-host.ts';
import { encodeScales } from '../grouped/encode-scales.ts';
import { dequantizeGrouped, unpackGrouped } from '../grouped/numbers.ts';
import { packGrouped } from '../grouped/pack.ts';
import { expectFamily } from '../grouped/table-pack.ts';
import { e2m1Numbers } from '../../numbers/e2m1-numbers.ts';
import { expectLength } from '../sections.ts';
import type { Nvfp4Format } from './format.ts';

/** A matrix before packing, or after unpacking. */
export interface Nvfp4Parts {
  /** Codes `[rows, columns]`, e2m1. */
  readonly codes: Uint8Array;
  /** Scales `[rows, ⌈columns / 16⌉]`, e4m3. */
  readonly scales: Uint8Array;
  /** A number for each row. */
  readonly outers: Float32Array;
}

/** Codes and scales as a tensor. Throws `bad-argument` for parts of the wrong length, wide codes, and outer scales that are not finite. */
export function packNvfp4(parts: Nvfp4Parts, shape: readonly number[], format: Nvfp4Format): HostTensor {
  checkHost('packNvfp4', { parts, shape, format });
  const { codes, scales, outers } = parts;
  const { rows, columns } = format.sections(shape);
  expectLength('packNvfp4', 'codes', codes.length, rows * columns);
  expectLength('packNvfp4', 'scales', scales.length, rows * Math.ceil(columns / 16));
  expectLength('packNvfp4', 'outer scales', outers.length, rows);
  const outer = encodeScales('packNvfp4', 'outer scale', outers, 'f32');
  return packGrouped('packNvfp4', { codes, sections: { scales, 'outer scales': outer } }, shape, format);
}

/** Codes and scales of a tensor. Throws `bad-format` for another format, `bad-argument` where its bytes do not fit. */
export function unpackNvfp4(tensor: HostTensor): Nvfp4Parts {
  const { codes, sections } = unpackGrouped(expectFamily('unpackNvfp4', tensor, 'nvfp4'));
  return {
    codes,
    scales: sections.scales!,
    outers: new Float32Array(sections['outer scales']!.buffer),
  };
}

/** The numbers of a tensor, row-major. Throws as {@link unpackNvfp4}. */
export const dequantizeNvfp4 = (tensor: HostTensor): Float32Array =>
  dequantizeGrouped(expectFamily('unpackNvfp4', tensor, 'nvfp4'), e2m1Numbers);

export const nvfp4Codec: WeightCodec = {
  family: 'nvfp4',
  unpack: dequantizeNvfp4,
};
