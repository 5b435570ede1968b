import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { WeightFormat } from '../../contract/weight-format.ts';
import type { GroupedFormat } from '../grouped/format.ts';
import numbersTable from '../grouped/numbers.table.wgsl';
import { tableFamily, tableFormat, type TableParameters } from '../grouped/table.ts';
import table from './table.wgsl';

/**
 * FP4 of bitsandbytes: codes of four bits, `w = table[code] · scale`, with bit 3 the sign and the sizes
 * 0, 1/192, 2/3, 1, 1/3, 1/2, 1/6, 1/4 (in f32) for codes 0 to 7. It is not e2m1.
 * Source: https://github.com/bitsandbytes-foundation/bitsandbytes, `functional.get_4bit_type`.
 *
 * In memory as every {@link GroupedFormat}: codes, padded with 0; scales in `scale`.
 */
export type Fp4Format = GroupedFormat;

/** Defaults: groups of 64, scales in f16. */
export type Fp4Parameters = TableParameters;

const family = 'fp4';

/** The table of FP4 with a scale per group of columns. Throws `bad-format` for what cannot be. */
export const fp4 = (parameters: Fp4Parameters = {}): Fp4Format =>
  Object.freeze(
    tableFormat(
      {
        family,
        bits: 4,
        wgsl: [table, numbersTable],
        zeroCode: 0,
        group: 64,
        scale: 'f16',
      },
      parameters,
    ),
  );

export const fp4Family: FormatFamily = /* @__PURE__ */ tableFamily(family, fp4);

/** True of formats that {@link fp4} made. */
export const isFp4 = (format: WeightFormat): format is Fp4Format => format.family === family;
