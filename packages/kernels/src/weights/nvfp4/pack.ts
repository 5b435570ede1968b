import type { WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { e2m1ToF32, e4m3ToF32 } from '../../numbers/float8.ts';
import { encodeScales } from '../grouped/encode-scales.ts';
import { dequantizeGrouped, unpackGrouped } from '../grouped/numbers.ts';
import { packGrouped } from '../grouped/pack.ts';
import { expectFamily } from '../grouped/table-pack.ts';
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
export function packNvfp4(
  { codes, scales, outers }: Nvfp4Parts,
  shape: readonly number[],
  format: Nvfp4Format,
): HostTensor {
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

const numbers: readonly number[] = /* @__PURE__ */ Array.from({ length: 16 }, (_, code) => e2m1ToF32(code));

/** The numbers of a tensor, row-major. Throws as {@link unpackNvfp4}. */
export const dequantizeNvfp4 = (tensor: HostTensor): Float32Array =>
  dequantizeGrouped(expectFamily('unpackNvfp4', tensor, 'nvfp4'), numbers);

/**
 * Numbers rounded to the nearest: the outer scale puts the largest magnitude of the tensor at 6 · 448, scales are rounded to e4m3.
 */
export function roundNvfp4(
  values: ArrayLike<number>,
  shape: readonly number[],
  format: Nvfp4Format,
): HostTensor {
  const { rows, columns } = format.sections(shape);
  let largest = 0;
  for (let i = 0; i < rows * columns; i++) largest = Math.max(largest, Math.abs(values[i]!));
  const factor = Math.fround(largest === 0 ? 1 : largest / (6 * 448));
  const groups = Math.ceil(columns / 16);
  const scales = new Uint8Array(rows * groups);
  const codes = new Uint8Array(rows * columns);
  const outer = format.divides ? Math.fround(1 / factor) : factor;
  for (let r = 0; r < rows; r++) {
    for (let g = 0; g < groups; g++) {
      const [start, end] = [r * columns + 16 * g, r * columns + Math.min(columns, 16 * g + 16)];
      let most = 0;
      for (let i = start; i < end; i++) most = Math.max(most, Math.abs(values[i]!));
      scales[r * groups + g] = nearest(e4m3Sizes, most / (6 * factor));
      const scale = e4m3Sizes[scales[r * groups + g]!]! * factor;
      for (let i = start; i < end; i++) {
        const size = scale === 0 ? 0 : nearest(e2m1Sizes, Math.abs(values[i]!) / scale);
        codes[i] = size + (values[i]! < 0 && size > 0 ? 8 : 0);
      }
    }
  }
  return packNvfp4({ codes, scales, outers: new Float32Array(rows).fill(outer) }, shape, format);
}

const e4m3Sizes: readonly number[] = /* @__PURE__ */ Array.from({ length: 127 }, (_, code) =>
  e4m3ToF32(code),
);
const e2m1Sizes: readonly number[] = /* @__PURE__ */ Array.from({ length: 8 }, (_, code) => e2m1ToF32(code));

/** The number of an ascending list that is nearest. */
function nearest(sizes: readonly number[], value: number): number {
  let code = 0;
  while (code + 1 < sizes.length && value >= (sizes[code]! + sizes[code + 1]!) / 2) code++;
  return code;
}

export const nvfp4Codec: WeightCodec = {
  family: 'nvfp4',
  unpack: dequantizeNvfp4,
};
