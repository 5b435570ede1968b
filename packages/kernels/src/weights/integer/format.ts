import { checkOptions, trueOrFalse, optional, anyValue } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { FormatRecord, WeightFormat } from '../../contract/weight-format.ts';
import type { CodeBits } from '../codes.ts';
import { checkRecord } from '../families.ts';
import { readRecords } from '../records.ts';
import {
  type GroupedFormat,
  groupedFormat,
  groupName,
  type GroupPlaces,
  isByBlocks,
} from '../grouped/format.ts';
import numbers from '../grouped/numbers.codes.wgsl';
import { keptByGroup } from '../grouped/kept.ts';
import { isSum, type Scaling, type ScaleType, scaleTypes } from '../grouped/scaling.ts';
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

export interface NestedScales {
  /** Groups that share an outer scale. */
  readonly outer: number;
  /** Bits of the inner scale and the inner minimum of a group; default 8. */
  readonly inner?: 4 | 8;
  /** Default false: inner scales are signed bytes, codes have the fixed zero. */
  readonly minimum?: boolean;
}

export interface IntegerParameters {
  readonly bits: CodeBits;
  /** Columns that share a scale, or 'row'; default 32. Fastest where it is a multiple of 32. */
  readonly group?: number | 'row';
  /** Default false. */
  readonly zeroPoint?: boolean;
  /** Default f16. */
  readonly scale?: ScaleType;
  /**
   * Without zero points the code of zero, default `2^(bits-1)`, or 'minimum' for what is added to products. With zero points how
   * they are stored: 'bytes' (the default), 'f16' or 'f32', which need not be whole numbers.
   */
  readonly zero?: number | 'bytes' | 'f16' | 'f32' | 'minimum';
  /** A factor of all scales; default 1. */
  readonly unit?: number;
  /** Default rows. */
  readonly places?: GroupPlaces;
  /** In place of `scale`, `zero` and `unit`. */
  readonly nested?: NestedScales;
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
      record: recordOf(parameters),
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

function nameOf({
  bits,
  group = 32,
  zeroPoint,
  scale = 'f16',
  zero,
  unit,
  places,
  nested,
}: IntegerParameters): string {
  const parts = [
    `int${bits}-${groupName(group)}`,
    ...(zeroPoint ? ['zp'] : []),
    ...(typeof zero === 'number' ? [`z${zero}`] : zero === undefined || zero === 'bytes' ? [] : [zero]),
    ...(scale === 'f16' ? [] : [scale]),
    ...(unit === undefined ? [] : [`x${unit}`]),
    ...(places === undefined || places === 'rows' ? [] : [places]),
    ...(nested ? [`n${nested.outer}`, ...(nested.minimum ? [`min${nested.inner ?? 8}`] : [])] : []),
  ];
  return parts.join('-');
}

/** Parameters without those that are as they would be anyway. */
function recordOf({
  bits,
  group = 32,
  zeroPoint = false,
  scale = 'f16',
  zero,
  unit,
  places,
  nested,
}: IntegerParameters): FormatRecord {
  return {
    format: family,
    bits,
    group,
    zeroPoint,
    ...(scale !== 'f16' && { scale }),
    ...(zero !== undefined && zero !== 'bytes' && { zero }),
    ...(unit !== undefined && { unit }),
    ...(places !== undefined && places !== 'rows' && { places }),
    ...(nested && { outer: nested.outer, inner: nested.inner ?? 8, minimum: nested.minimum ?? false }),
  };
}

function scalingOf(
  name: string,
  { bits, zeroPoint, scale = 'f16', zero, unit, nested }: IntegerParameters,
): Scaling {
  const refuse = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem,
      requirement,
      fix,
    });
  };
  const fixed = (): number => (typeof zero === 'number' ? zero : 2 ** (bits - 1));
  if (typeof zero === 'number' && !(Number.isInteger(zero) && zero >= 0 && zero < 2 ** bits))
    refuse(
      `the code of zero is ${zero}`,
      `it is a code of ${bits} bits`,
      `give one from 0 to ${2 ** bits - 1}`,
    );
  if (nested) {
    const { outer, inner = 8, minimum = false } = nested;
    if (zeroPoint || typeof zero === 'string' || scale !== 'f16' || unit !== undefined)
      refuse(
        'nested scales besides others',
        'they take the place of scale, zero points and unit',
        'leave these out',
      );
    if (minimum && bits > 5)
      refuse(
        `nested minimums of ${bits} bits`,
        'products of scales and codes must be exact in f32',
        'take 5 bits or less',
      );
    if (!(Number.isInteger(outer) && outer > 0) || (inner !== 8 && !(inner === 4 && minimum)))
      refuse(
        `${outer} groups with inner scales of ${inner} bits`,
        'inner scales have 8 bits, or 4 beside minimums of 4',
        'give a number of groups, and inner as 8 or 4',
      );
    return {
      kind: 'nested',
      outer,
      inner,
      minimum,
      zero: minimum ? 0 : fixed(),
    };
  }
  if (!scaleTypes.includes(scale))
    refuse(`scales of ${String(scale)}`, `scales are ${scaleTypes.join(', ')}`, 'take one of these');
  if (unit !== undefined && Math.fround(unit) !== unit)
    refuse(`the unit is ${unit}`, 'it is a number of f32', 'round it with Math.fround');
  const common = {
    kind: 'plain',
    scale,
    ...(unit !== undefined && { unit }),
  } as const;
  if (zeroPoint) {
    if (typeof zero === 'number' || zero === 'minimum')
      refuse(
        `zero points, and zero is ${zero}`,
        "then it is 'bytes', 'f16' or 'f32'",
        'leave one of both out',
      );
    return { ...common, zero: (zero as 'bytes' | undefined) ?? 'bytes' };
  }
  if (zero === 'minimum') {
    if (unit !== undefined || scale === 'f32')
      refuse(
        `minimums besides ${unit === undefined ? 'scales of f32' : 'a unit'}`,
        'products of scales and codes must be exact in f32',
        'take scales of f16 or bf16, and no unit',
      );
    return { ...common, zero: 'f16', minimum: true };
  }
  if (typeof zero === 'string')
    refuse(`zero is '${zero}' without zero points`, "then it is a number or 'minimum'", 'set zeroPoint');
  return { ...common, zero: fixed() };
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
