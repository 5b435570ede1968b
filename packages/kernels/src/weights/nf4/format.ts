import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { WeightFormat } from '../../contract/weight-format.ts';
import { type GroupedFormat } from '../grouped/format.ts';
import { isByBlocks } from '../grouped/grouping.ts';
import { keptByGroup } from '../grouped/kept.ts';
import { isSum } from '../grouped/scaling.ts';
import numbersTable from '../grouped/numbers.table.wgsl';
import { tableFamily, tableFormat, type TableParameters } from '../grouped/table.ts';
import kept from './kept.wgsl';
import table from './table.wgsl';

/**
 * NF4: codes of four bits into a table of sixteen numbers, with one scale per group of neighbouring columns of a row,
 * `w = table[code] · scale`. The table is that of bitsandbytes (Dettmers et al., QLoRA, 2023).
 *
 * In memory as every {@link GroupedFormat}: codes, padded with the code of zero, 7; scales in `scale`.
 */
export type Nf4Format = GroupedFormat;

/** Defaults: groups of 64, scales in f16. */
export type Nf4Parameters = TableParameters;

const family = 'nf4';

/** The table of NF4 with a scale per group of columns. Throws `bad-format` for what cannot be. */
export function nf4(parameters: Nf4Parameters = {}): Nf4Format {
  const format = tableFormat(
    {
      family,
      bits: 4,
      wgsl: [table, numbersTable],
      zeroCode: 7,
      group: 64,
      scale: 'f16',
    },
    parameters,
  );
  if (!isByBlocks(format) || !isSum(format.scaling)) return Object.freeze(format);
  return Object.freeze({
    ...format,
    kept: { ...keptByGroup(format, [table]), value: kept },
  });
}

export const nf4Family: FormatFamily = /* @__PURE__ */ tableFamily(family, nf4);

/** True of formats that {@link nf4} made. */
export const isNf4 = (format: WeightFormat): format is Nf4Format => format.family === family;
