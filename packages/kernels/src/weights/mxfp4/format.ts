import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { WeightFormat } from '../../contract/weight-format.ts';
import type { GroupedFormat } from '../grouped/format.ts';
import numbers from '../grouped/numbers.e2m1.wgsl';
import { tableFamily, tableFormat, type TableParameters } from '../grouped/table.ts';

/**
 * MXFP4: floats of four bits (e2m1: 0, ½, 1, 1½, 2, 3, 4, 6, and bit 3 the sign), 32 neighbouring columns of a row to a scale that
 * is a power of two, `w = e2m1 · 2^(byte - 127)`; a byte of 255 is NaN.
 * Source: OCP Microscaling Formats 1.0, 2023.
 *
 * In memory as every {@link GroupedFormat}: codes, padded with 0; scales in e8m0, or in `scale`.
 */
export type Mxfp4Format = GroupedFormat;

/** Defaults: groups of 32, scales in e8m0. */
export type Mxfp4Parameters = TableParameters;

const family = 'mxfp4';

/** Floats of four bits with a scale per group of columns. Throws `bad-format` for what cannot be. */
export const mxfp4 = (parameters: Mxfp4Parameters = {}): Mxfp4Format =>
  Object.freeze(
    tableFormat(
      {
        family,
        bits: 4,
        wgsl: [numbers],
        zeroCode: 0,
        group: 32,
        scale: 'e8m0',
      },
      parameters,
    ),
  );

export const mxfp4Family: FormatFamily = /* @__PURE__ */ tableFamily(family, mxfp4);

/** True of formats that {@link mxfp4} made. */
export const isMxfp4 = (format: WeightFormat): format is Mxfp4Format => format.family === family;
