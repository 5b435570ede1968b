import { checkOptions } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { FormatRecord, WeightFormat } from '../../contract/weight-format.ts';
import type { CodeBits } from '../codes.ts';
import { checkRecord } from '../families.ts';
import { readRecords } from '../records.ts';
import { type GroupedFormat, groupedFormat } from '../grouped/format.ts';
import { groupName, type GroupPlaces } from '../grouped/grouping.ts';
import numbersTable from '../grouped/numbers.table.wgsl';
import { type Scaling, type ScaleType, scaleTypes } from '../grouped/scaling.ts';
import table from './table.wgsl';

/**
 * Codes into a table of the tensor's own: `w = table[code]`, as k-means gives it, or `w = table[code] · scale` with a scale for
 * each group. `outer` groups may share an outer scale: `w = (outer · inner) · table[code]`, inner a signed byte of a group.
 *
 * In memory as every {@link GroupedFormat}: codes, padded with 0; scales; the table, `2^bits` f32, which all rows share. So rows of
 * two tensors are never joined.
 */
export interface CodebookFormat extends GroupedFormat {}

export interface CodebookParameters {
  /** Default 4. */
  readonly bits?: CodeBits;
  /** Columns that share a scale; default the row. */
  readonly group?: number | 'row';
  /** How scales are stored; default 'none': the table holds the values. */
  readonly scale?: ScaleType | 'none';
  /** In place of `scale`: groups that share an outer scale. */
  readonly outer?: number;
  /** Default rows. */
  readonly places?: GroupPlaces;
}

const family = 'codebook';

/** A table for a tensor. Throws `bad-format` for what cannot be. */
export function codebook(parameters: CodebookParameters = {}): CodebookFormat {
  checkOptions(family, parameters, ['bits', 'group', 'scale', 'outer', 'places']);
  const { bits = 4, group = 'row', scale = 'none', outer, places = 'rows' } = parameters;
  const name = [
    `codebook${bits}`,
    ...(scale === 'none' && outer === undefined ? [] : [groupName(group)]),
    ...(scale === 'none' ? [] : [scale]),
    ...(outer === undefined ? [] : [`n${outer}`]),
    ...(places === 'rows' ? [] : [places]),
  ].join('-');
  const refuse = (problem: string, requirement: string): never => {
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem,
      requirement,
      fix: 'take one of these',
    });
  };
  if (![1, 2, 3, 4, 5, 6, 8].includes(bits)) refuse(`codes of ${bits} bits`, 'codes have 1 to 6 or 8 bits');
  if (scale !== 'none' && (!scaleTypes.includes(scale) || outer !== undefined))
    refuse(
      `scales of ${String(scale)}${outer === undefined ? '' : ' besides nested ones'}`,
      `scales are ${scaleTypes.join(', ')}, none, or nested`,
    );
  if (outer !== undefined && !(Number.isSafeInteger(outer) && outer > 0))
    refuse(`${outer} groups to an outer scale`, 'it is a positive whole number');
  const record: FormatRecord = {
    format: family,
    bits,
    group,
    scale,
    ...(outer !== undefined && { outer }),
    ...(places !== 'rows' && { places }),
  };
  return Object.freeze(
    groupedFormat(
      {
        family,
        name,
        record,
        numbers: [table, numbersTable],
        zeroCode: undefined,
        sections: [
          {
            name: 'numbers',
            rowBytes: 4 * 2 ** bits,
            blockBytes: 0,
            shared: true,
          },
        ],
        constants: { B_NUMBERS: 'numbers' },
      },
      { bits, group, places, scaling: scalingOf(scale, outer) },
    ),
  );
}

function scalingOf(scale: ScaleType | 'none', outer: number | undefined): Scaling {
  if (outer !== undefined) return { kind: 'nested', outer, inner: 8, zero: 0, minimum: false };
  return scale === 'none' ? { kind: 'unit', zero: 0 } : { kind: 'plain', scale, zero: 0 };
}

export const codebookFamily: FormatFamily = {
  family,
  records: readRecords,
  format: (record) => {
    checkRecord(
      record,
      { bits: 'number', group: ['number', 'string'], scale: 'string' },
      { outer: 'number', places: 'string' },
    );
    const { format: _, ...parameters } = record;
    return codebook(parameters as unknown as CodebookParameters);
  },
};

/** True of formats that {@link codebook} made. */
export const isCodebook = (format: WeightFormat): format is CodebookFormat => format.family === family;
