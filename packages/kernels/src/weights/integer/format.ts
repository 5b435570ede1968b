import { checkOptions, trueOrFalse, optional, anyValue } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { FormatRecord, WeightFormat } from '../../contract/weight-format.ts';
import { checkRecord } from '../families.ts';
import { readRecords } from '../records.ts';
import { type GroupedFormat, groupedFormat } from '../grouped/format.ts';
import { isByBlocks } from '../grouped/grouping.ts';
import numbers from '../grouped/numbers.codes.wgsl';
import { keptByGroup } from '../grouped/kept.ts';
import { isSum } from '../grouped/scaling.ts';
import { type IntegerParameters, nameOf, type NestedScales, recordOf, scalingOf } from './parameters.ts';
import face from './face.wgsl';
import faceInt8 from './face.int8.wgsl';
import keptInt4 from './kept.int4.wgsl';
import keptInt8 from './kept.int8.wgsl';
import pairsInt4 from './kept-pairs.int4.wgsl';

/**
 * Integer codes with a scale per group of neighbouring columns of a row: `w = (code - zero) · scale`, where `code` is the stored
 * unsigned field. Without zero points `zero = 2^(bits-1)` everywhere (symmetric), or the `zero` that is given; with them each
 * group stores its own, below `2^bits`. `minimum` is another form: `w = code · scale + minimum`.
 *
 * In memory as every {@link GroupedFormat}: codes; scales in `scale` (finite, may be negative); with zero points a byte each,
 * or a half or f32 where `zero` says so; with minimums a half each. Columns are padded with codes of zero, where there is one.
 *
 * `nested` is for scales of scales, as the K types of GGUF have them.
 */
export interface IntegerFormat extends GroupedFormat {
  readonly zeroPoint: boolean;
}

const family = 'integer';

/** Integers of so many bits with a scale, and where wanted a zero point, per group. Throws `bad-format` for others. */
export function integer(parameters: IntegerParameters): IntegerFormat {
  checkOptions('integer', parameters, {
    bits: anyValue,
    group: optional(anyValue),
    zeroPoint: optional(trueOrFalse),
    scale: optional(anyValue),
    zero: optional(anyValue),
    unit: optional(anyValue),
    places: optional(anyValue),
    nested: optional(anyValue),
  });
  const { bits, group = 32, zeroPoint = false, places = 'rows' } = parameters;
  const name = nameOf(parameters);
  if (![1, 2, 3, 4, 5, 6, 8].includes(bits))
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem: `codes of ${bits} bits`,
      requirement: 'integer codes have 1 to 6 or 8 bits',
      fix: 'take one of these',
    });
  const scaling = scalingOf(name, parameters);
  const format = groupedFormat(
    {
      family,
      name,
      record: { format: family, ...recordOf(parameters) },
      numbers: [numbers],
      zeroCode: 0,
    },
    { bits, group, places, scaling },
  );
  const byBlocks = isByBlocks(format);
  const { zero } = scaling;
  const isWhole =
    scaling.kind === 'plain' &&
    !scaling.minimum &&
    (typeof zero === 'number' || zero === 'bytes') &&
    isSum(scaling) &&
    byBlocks;
  const codes = format.reader!;
  const reader = {
    ...codes,
    parts: (rows: number, columns: number) => {
      const parts = codes.parts(rows, columns, 8);
      return { ...parts, wgsl: [...parts.wgsl, bits === 8 ? faceInt8 : face] };
    },
    codeOffset: bits === 8 ? 128 : 0,
  };
  return Object.freeze({
    ...format,
    zeroPoint,
    ...(isWhole && { reader }),
    // Fields of other widths lie in two places, or rows of them in no whole bytes.
    ...(isWhole &&
      bits === 4 && {
        kept: { ...keptByGroup(format), value: keptInt4, pairs: pairsInt4 },
      }),
    ...(isWhole && bits === 8 && { kept: { ...keptByGroup(format), value: keptInt8 } }),
  } satisfies IntegerFormat);
}

export const integerFamily: FormatFamily = {
  family,
  records: readRecords,
  format: (record) => {
    checkRecord(
      record,
      { bits: 'number', group: ['number', 'string'], zeroPoint: 'boolean' },
      {
        scale: 'string',
        zero: ['number', 'string'],
        unit: 'number',
        places: 'string',
        outer: 'number',
        inner: 'number',
        minimum: 'boolean',
      },
    );
    const { format: _, outer, inner, minimum, ...parameters } = record as FormatRecord & NestedScales;
    const nested =
      outer === undefined ? {} : { nested: { outer, inner: inner ?? 8, minimum: minimum ?? false } };
    return integer({ ...(parameters as unknown as IntegerParameters), ...nested });
  },
};

/** True of formats that {@link integer} made. */
export const isInteger = (format: WeightFormat): format is IntegerFormat => format.family === family;
