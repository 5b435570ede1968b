import { checkOptions } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { FormatRecord, WeightFormat } from '../../contract/weight-format.ts';
import { checkRecord } from '../families.ts';
import { readRecords } from '../records.ts';
import { type GroupedFormat, groupedFormat } from '../grouped/format.ts';
import { groupName } from '../grouped/grouping.ts';
import { type ScaleType, scaleTypes } from '../grouped/scaling.ts';
import e4m3 from './e4m3.wgsl';
import e5m2 from './e5m2.wgsl';

/** The two floats of a byte: e4m3 has more digits and no infinities, e5m2 is the upper byte of a binary16. */
export type Float8 = 'e4m3' | 'e5m2';

/**
 * Floats of eight bits, with a scale for each row, or for each run of columns of a row, `w = float8 · scale`, or none. A scale of
 * a tensor or of a block of rows is repeated for each row, so that rows can be joined and selected.
 * Source: OCP 8-bit Floating Point Specification 1.0, 2023.
 *
 * In memory as every {@link GroupedFormat}: codes, padded with 0; scales in `scale`.
 */
export interface Float8Format extends GroupedFormat {
  readonly float: Float8;
}

export interface Float8Parameters {
  /** Default e4m3. */
  readonly float?: Float8;
  /** Columns that share a scale; default the row. */
  readonly group?: number | 'row';
  /** How scales are stored; default f32. 'none' for values as they are. */
  readonly scale?: ScaleType | 'none';
}

const family = 'float8';
const numbers = { e4m3, e5m2 } as const;

/** Floats of eight bits. Throws `bad-format` for what cannot be. */
export function float8(parameters: Float8Parameters = {}): Float8Format {
  checkOptions(family, parameters, ['float', 'group', 'scale']);
  const { float = 'e4m3', group = 'row', scale = 'f32' } = parameters;
  const name = [`${float}-${groupName(group)}`, ...(scale === 'f32' ? [] : [scale])].join('-');
  const refuse = (problem: string, requirement: string): never => {
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem,
      requirement,
      fix: 'take one of these',
    });
  };
  if (!Object.hasOwn(numbers, float))
    refuse(`floats of the kind '${String(float)}'`, 'they are e4m3 or e5m2');
  if (scale !== 'none' && !scaleTypes.includes(scale))
    refuse(`scales of ${String(scale)}`, `scales are ${scaleTypes.join(', ')}, none`);
  const record: FormatRecord = { format: family, float, group, scale };
  const scaling =
    scale === 'none' ? ({ kind: 'unit', zero: 0 } as const) : ({ kind: 'plain', scale, zero: 0 } as const);
  const format = groupedFormat(
    { family, name, record, numbers: [numbers[float]], zeroCode: 0 },
    { bits: 8, group, places: 'rows', scaling },
  );
  return Object.freeze({ ...format, float } satisfies Float8Format);
}

export const float8Family: FormatFamily = {
  family,
  records: readRecords,
  format: (record) => {
    checkRecord(record, {
      float: 'string',
      group: ['number', 'string'],
      scale: 'string',
    });
    const { format: _, ...parameters } = record;
    return float8(parameters as unknown as Float8Parameters);
  },
};

/** True of formats that {@link float8} made. */
export const isFloat8 = (format: WeightFormat): format is Float8Format => format.family === family;
