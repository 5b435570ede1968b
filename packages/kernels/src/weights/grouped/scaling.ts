// What makes numbers of the codes of a group: how its scale is stored, and what stands beside it.
import type { ReaderConstants, Section, SectionSize } from '../../contract/weight-format.ts';
import { sectionNamed } from '../sections.ts';
import factorBf16 from './factor.bf16.wgsl';
import factorE8m0 from './factor.e8m0.wgsl';
import factorF16 from './factor.f16.wgsl';
import factorF32 from './factor.f32.wgsl';
import secondSmallFloat from './second.small-float.wgsl';
import secondNestedMinimum from './second.nested-minimum.wgsl';
import secondNestedNibbles from './second.nested-nibbles.wgsl';
import secondNested from './second.nested.wgsl';
import secondNone from './second.none.wgsl';
import secondPlain from './second.plain.wgsl';
import secondPower from './second.power.wgsl';
import secondProduct from './second.product.wgsl';
import secondUnit from './second.unit.wgsl';
import valuesDifference from './values.difference.wgsl';
import valuesPower from './values.power.wgsl';
import valuesSum from './values.sum.wgsl';
import zeroBytes from './zero.bytes.wgsl';
import zeroConstant from './zero.constant.wgsl';
import zeroF16 from './zero.f16.wgsl';
import zeroF32 from './zero.f32.wgsl';

/** How one scale is stored: IEEE halves, bfloat16, f32, or the exponent of a power of two, `2^(byte - 127)` (255 is NaN). */
export type ScaleType = 'f16' | 'bf16' | 'f32' | 'e8m0';

/** How what stands beside the scale is stored: `bytes` are whole numbers from 0 to 255. */
export type ZeroType = 'bytes' | 'f16' | 'f32';

export const scaleTypes: readonly ScaleType[] = ['f16', 'bf16', 'f32', 'e8m0'];
export const zeroTypes: readonly ZeroType[] = ['bytes', 'f16', 'f32'];

const scaleSize = { f16: 2, bf16: 2, f32: 4, e8m0: 1 } as const;
const zeroSize = { bytes: 1, f16: 2, f32: 4 } as const;

/**
 * What a group's numbers are made with. Every value is rounded to f32 after each operation, in the order written.
 *
 * - `plain`: `scale` is one number of a group, and `zero` what codes are less: `(number - zero) · scale · unit`, zero the same
 *   for all groups (a number) or stored for each (a type). With `minimum` it is what is added: `number · scale + minimum`.
 * - `nested`: scales of scales. `scale = outer · inner`, outer a half for each `outer` groups, inner a byte of each group.
 *   Without `minimum` bytes are signed: `(outer · inner) · (number - zero)`. With it there are two bytes and two halves:
 *   `(outer · inner) · number - outerMinimum · innerMinimum`; `inner: 4` has both in one byte, the scale in its low nibble.
 * - `small-float`: `number · (scale · outer)`, or `number · (scale / outer)`; scale e4m3, whose sign is ignored, outer an f32 of the row.
 * - `unit`: numbers are values as they are.
 */
export type Scaling =
  | {
      readonly kind: 'plain';
      readonly scale: ScaleType;
      readonly zero: number | ZeroType;
      /** `zero` holds minimums. */
      readonly minimum?: true;
      /** A factor of all scales; default 1. */
      readonly unit?: number;
    }
  | {
      readonly kind: 'nested';
      /** Groups that share an outer scale. */
      readonly outer: number;
      readonly inner: 4 | 8;
      readonly zero: number;
      readonly minimum: boolean;
    }
  | {
      readonly kind: 'small-float';
      readonly divides: boolean;
      readonly zero: 0;
      readonly minimum?: undefined;
    }
  | { readonly kind: 'unit'; readonly zero: 0; readonly minimum?: undefined };

/** Whether codes times scales are exact in f32, so that zero points can be made into something that is added. */
export const isSum = (scaling: Scaling): boolean =>
  scaling.kind === 'plain' &&
  (scaling.minimum === true ||
    (scaling.zero === 0 && scaling.scale !== 'e8m0') ||
    (scaling.zero !== 0 && scaling.scale !== 'f32' && scaling.zero !== 'f32' && (scaling.unit ?? 1) === 1));

/** Whether no code need stand for zero. */
export const hasMinimum = ({ minimum }: Scaling): boolean => minimum === true;

/** Groups that a row of so many has room for. */
export const groupsOfRow = (scaling: Scaling, groups: number): number =>
  scaling.kind === 'nested' ? Math.ceil(groups / scaling.outer) * scaling.outer : groups;

/** The sections for rows of `groups` groups, `perBlock` of which stand in a block of columns (0: one group is the row). */
export function scalingSections(scaling: Scaling, groups: number, perBlock: number): SectionSize[] {
  const section = (name: string, size: number, every = 1): SectionSize => ({
    name,
    rowBytes: (size * groups) / every,
    blockBytes: (size * perBlock) / every,
  });
  if (scaling.kind === 'unit') return [];
  if (scaling.kind === 'small-float')
    return [section('scales', 1), { name: 'outer scales', rowBytes: 4, blockBytes: 0 }];
  if (scaling.kind === 'nested') {
    const { minimum, inner, outer } = scaling;
    return [
      section('scales', 1),
      ...(minimum && inner === 8 ? [section('minimums', 1)] : []),
      section('outer scales', minimum ? 4 : 2, outer),
    ];
  }
  const zeros = scaling.minimum ? 'minimums' : 'zero points';
  return [
    section('scales', scaleSize[scaling.scale]),
    ...(typeof scaling.zero === 'number' ? [] : [section(zeros, zeroSize[scaling.zero])]),
  ];
}

const factors = {
  f16: factorF16,
  bf16: factorBf16,
  f32: factorF32,
  e8m0: factorE8m0,
} as const;
const zeroReaders = { bytes: zeroBytes, f16: zeroF16, f32: zeroF32 } as const;

/** WGSL of `b_scale(row, group) -> vec2<f32>` and of `b_scaled`. */
export function scalingWgsl(scaling: Scaling): string[] {
  if (scaling.kind === 'unit') return [secondUnit, valuesSum];
  if (scaling.kind === 'small-float') return [secondSmallFloat, valuesSum];
  if (scaling.kind === 'nested') {
    if (!scaling.minimum) return [secondNested, valuesDifference];
    return [scaling.inner === 4 ? secondNestedNibbles : secondNestedMinimum, valuesSum];
  }
  const { scale, zero, minimum } = scaling;
  if (zero === 0)
    return scale === 'e8m0' ? [secondPower, valuesPower] : [factors[scale], secondNone, valuesSum];
  const read = [factors[scale], typeof zero === 'number' ? zeroConstant : zeroReaders[zero]];
  if (minimum) return [...read, secondPlain, valuesSum];
  return isSum(scaling) ? [...read, secondProduct, valuesSum] : [...read, secondPlain, valuesDifference];
}

/** The constants that this WGSL wants, but for B_GROUPS. */
export function scalingConstants(scaling: Scaling, placed: readonly Section[]): ReaderConstants {
  const wordOf = (name: string): number => sectionNamed(placed, name).offset / 4;
  const zeros = typeof scaling.zero === 'number' && scaling.zero !== 0 ? { B_ZERO: scaling.zero } : {};
  if (scaling.kind === 'unit') return {};
  if (scaling.kind === 'small-float') {
    return {
      B_SCALES: wordOf('scales'),
      B_OUTER_SCALES: wordOf('outer scales'),
      B_DIVIDES: scaling.divides,
    };
  }
  if (scaling.kind === 'nested') {
    return {
      B_SCALES: wordOf('scales'),
      ...(scaling.minimum ? {} : { B_ZERO: scaling.zero }),
      ...(scaling.minimum && scaling.inner === 8 && { B_ZEROS: wordOf('minimums') }),
      B_OUTER: scaling.outer,
      B_OUTER_SCALES: wordOf('outer scales'),
    };
  }
  return {
    B_SCALES: wordOf('scales'),
    B_UNIT: { f32: scaling.unit ?? 1 },
    ...zeros,
    ...(typeof scaling.zero === 'string' && {
      B_ZEROS: wordOf(scaling.minimum ? 'minimums' : 'zero points'),
    }),
  };
}
