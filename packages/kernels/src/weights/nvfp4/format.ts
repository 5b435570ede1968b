import { checkOptions } from '../../contract/check-options.ts';
import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { WeightFormat } from '../../contract/weight-format.ts';
import { checkRecord } from '../families.ts';
import { readRecords } from '../records.ts';
import { type GroupedFormat, groupedFormat } from '../grouped/format.ts';
import numbers from '../grouped/numbers.e2m1.wgsl';

/**
 * NVFP4: floats of four bits (e2m1), 16 neighbouring columns of a row to a scale in e4m3 (its sign is ignored, 0x7f is NaN), and
 * one f32 more: `w = e2m1 · (scale · outer)`, or with `divides` `w = e2m1 · (scale / outer)`, each operation rounded to f32. Files
 * have one `outer` for a tensor; here each row has it, so that rows can be joined and selected.
 *
 * In memory as every {@link GroupedFormat}: codes, padded with 0; scales, a byte each; outer scales, an f32 for each row.
 */
export interface Nvfp4Format extends GroupedFormat {
  readonly divides: boolean;
}

export interface Nvfp4Parameters {
  /** Scales are divided by the outer one, as compressed-tensors stores it; default false. */
  readonly divides?: boolean;
}

const family = 'nvfp4';

/** Floats of four bits with a scale in e4m3 for each 16 columns. */
export function nvfp4(parameters: Nvfp4Parameters = {}): Nvfp4Format {
  checkOptions(family, parameters, ['divides']);
  const { divides = false } = parameters;
  const format = groupedFormat(
    {
      family,
      name: divides ? 'nvfp4-divided' : 'nvfp4',
      record: { format: family, divides },
      numbers: [numbers],
      zeroCode: 0,
    },
    {
      bits: 4,
      group: 16,
      places: 'rows',
      scaling: { kind: 'small-float', divides, zero: 0 },
    },
  );
  return Object.freeze({ ...format, divides } satisfies Nvfp4Format);
}

export const nvfp4Family: FormatFamily = {
  family,
  records: readRecords,
  format: (record) => {
    checkRecord(record, { divides: 'boolean' });
    return nvfp4({ divides: record.divides as boolean });
  },
};

/** True of formats that {@link nvfp4} made. */
export const isNvfp4 = (format: WeightFormat): format is Nvfp4Format => format.family === family;
