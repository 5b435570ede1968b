// Families whose codes stand for the numbers of a table that is always the same.
import { checkOptions } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { CodeBits } from '../codes.ts';
import { checkRecord } from '../families.ts';
import { readRecords } from '../records.ts';
import { type GroupedFormat, groupedFormat } from './format.ts';
import { groupName, type GroupPlaces } from './grouping.ts';
import { type ScaleType, scaleTypes } from './scaling.ts';

export interface TableParameters {
  /** Columns that share a scale, or 'row'. */
  readonly group?: number | 'row';
  /** How scales are stored. */
  readonly scale?: ScaleType;
  /** Default rows. */
  readonly places?: GroupPlaces;
}

/** What makes a family. */
export interface Table {
  readonly family: string;
  readonly bits: CodeBits;
  /** WGSL of `b_numbers`. */
  readonly wgsl: readonly string[];
  readonly zeroCode: number;
  /** The defaults. */
  readonly group: number | 'row';
  readonly scale: ScaleType;
}

/** A format of the family. Throws `bad-format` for what cannot be. */
export function tableFormat(table: Table, parameters: TableParameters): GroupedFormat {
  const { family, bits, zeroCode } = table;
  checkOptions(family, parameters, ['group', 'scale', 'places']);
  const { group = table.group, scale = table.scale, places = 'rows' } = parameters;
  const name = [
    `${family}-${groupName(group)}`,
    ...(scale === table.scale ? [] : [scale]),
    ...(places === 'rows' ? [] : [places]),
  ].join('-');
  if (!scaleTypes.includes(scale))
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem: `scales of ${String(scale)}`,
      requirement: `scales are ${scaleTypes.join(', ')}`,
      fix: 'take one of these',
    });
  const record = {
    format: family,
    group,
    ...(scale !== table.scale && { scale }),
    ...(places !== 'rows' && { places }),
  };
  return groupedFormat(
    { family, name, record, numbers: table.wgsl, zeroCode },
    { bits, group, places, scaling: { kind: 'plain', scale, zero: 0 } },
  );
}

/** The family of what `make` makes, for whoever opens files. */
export const tableFamily = (
  family: string,
  make: (parameters: TableParameters) => GroupedFormat,
): FormatFamily => ({
  family,
  records: readRecords,
  format: (record) => {
    checkRecord(record, { group: ['number', 'string'] }, { scale: 'string', places: 'string' });
    const { format: _, ...parameters } = record;
    return make(parameters as TableParameters);
  },
});
