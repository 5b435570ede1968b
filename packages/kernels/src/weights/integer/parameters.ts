// What integers can be chosen by, and what follows from it.
import { TilewrightError } from '../../contract/errors.ts';
import type { FormatRecord } from '../../contract/weight-format.ts';
import type { CodeBits } from '../codes.ts';
import { groupName, type GroupPlaces } from '../grouped/grouping.ts';
import { type Scaling, type ScaleType, scaleTypes } from '../grouped/scaling.ts';

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

/** For people. */
export function nameOf({
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
export function recordOf({
  bits,
  group = 32,
  zeroPoint = false,
  scale = 'f16',
  zero,
  unit,
  places,
  nested,
}: IntegerParameters): Omit<FormatRecord, 'format'> {
  return {
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

/** What makes numbers of codes. Throws `bad-format` for what cannot be. */
export function scalingOf(
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
