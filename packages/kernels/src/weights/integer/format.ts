import { checkOptions, trueOrFalse, optional, anyValue } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { roundUp } from '../../contract/extent.ts';
import type { FormatFamily } from '../../contract/weight-codec.ts';
import type {
  KeptValues,
  ReaderParts,
  Section,
  SectionSize,
  WeightFormat,
} from '../../contract/weight-format.ts';
import dot from '../dot.wgsl';
import { checkRecord } from '../families.ts';
import { readRecords } from '../records.ts';
import { matrixShape, packedSections, sectionNamed } from '../sections.ts';
import words from '../words.wgsl';
import int3 from './int3.wgsl';
import int4 from './int4.wgsl';
import int8 from './int8.wgsl';
import keptInt4 from './kept.int4.wgsl';
import keptInt8 from './kept.int8.wgsl';
import pairsInt4 from './kept-pairs.int4.wgsl';
import symmetric from './scaling.symmetric.wgsl';
import zeroPoints from './scaling.zero-points.wgsl';

/**
 * Integer codes with one f16 scale per group of neighbouring columns of a row.
 *
 * `w = (code - zero) · scale`, where `code` is the stored unsigned field. Without zero points
 * `zero = 2^(bits-1)` everywhere (symmetric); with them each group stores its own.
 *
 * In memory, for shape `[rows, columns]`: little-endian u32 words, three sections one after the other, each starting
 * at a multiple of 16 bytes; the whole takes a multiple of 16 bytes too (bytes between are zero). Columns are padded
 * to `paddedColumns = ⌈columns / group⌉ · group` with codes equal to `zero`, so that padding decodes to the number 0.
 * Scales are finite and may be negative; a zero point is below `2^bits`.
 * 1. codes, row-major, `paddedColumns · bits / 32` words per row, in runs of 32 columns (so `group` is a multiple of 32),
 *    in the order that `codes.ts` describes.
 * 2. scales, f16, row-major `[rows, paddedColumns / group]`, two per word (low half first).
 * 3. zero points, only with `zeroPoint`, one byte each, row-major like the scales.
 */
export interface IntegerFormat extends WeightFormat {
  readonly bits: 3 | 4 | 8;
  /** Columns that share a scale; a multiple of 32. */
  readonly group: number;
  readonly zeroPoint: boolean;
}

export interface IntegerParameters {
  readonly bits: 3 | 4 | 8;
  /** Default 32. */
  readonly group?: number;
  /** Default false. */
  readonly zeroPoint?: boolean;
}

const family = 'integer';

/** Integers of so many bits with an f16 scale, and where wanted a zero point, per group. Throws `bad-format` for others. */
export function integer(parameters: IntegerParameters): IntegerFormat {
  checkOptions('integer', parameters, {
    bits: anyValue,
    group: optional(anyValue),
    zeroPoint: optional(trueOrFalse),
  });
  const { bits, group = 32, zeroPoint = false } = parameters;
  const name = `int${bits}-g${group}${zeroPoint ? '-zp' : ''}`;
  const refuse = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-format', { subject: `format ${name}`, problem, requirement, fix });
  };
  if (![3, 4, 8].includes(bits))
    refuse(`codes of ${bits} bits`, 'integer codes have 3, 4 or 8 bits', 'take one of these');
  if (!(Number.isSafeInteger(group) && group > 0 && group % 32 === 0))
    refuse(
      `groups of ${group} columns`,
      'a group is a positive multiple of 32 columns',
      'take 32, 64, 128 or another multiple of 32',
    );
  const shared = (paddedColumns: number): readonly SectionSize[] => {
    const groups = paddedColumns / group;
    const scales = { name: 'scales', rowBytes: 2 * groups, blockBytes: 2 };
    return zeroPoint ? [scales, { name: 'zero points', rowBytes: groups, blockBytes: 1 }] : [scales];
  };
  const padded = (columns: number): number => roundUp(columns, group);
  const sections: IntegerFormat['sections'] = (shape) => {
    const size = matrixShape(name, shape);
    const width = padded(size.columns);
    const codes = { name: 'codes', rowBytes: (width * bits) / 8, blockBytes: (group * bits) / 8 };
    return packedSections(size, [codes, ...shared(width)]);
  };
  const scaling = zeroPoint ? zeroPoints : symmetric;
  const scalingConstants: KeptValues['constants'] = (paddedColumns, parts) => ({
    B_GROUPS: paddedColumns / group,
    B_GROUP_BLOCKS: group / 32,
    B_SCALES: wordOf(parts, 'scales'),
    ...(zeroPoint ? { B_ZERO_POINTS: wordOf(parts, 'zero points') } : { B_ZERO: 2 ** (bits - 1) }),
  });
  const parts = (rows: number, columns: number): ReaderParts => ({
    wgsl: [words, scaling, { 3: int3, 4: int4, 8: int8 }[bits], dot],
    constants: {
      BLOCK_QUADS: 8,
      B_BLOCKS: padded(columns) / 32,
      ...scalingConstants(padded(columns), sections([rows, columns]).sections),
    },
    view: { dtype: 'u32', width: 4 },
  });
  return Object.freeze({
    family,
    id: `${family}(${bits},${group},${zeroPoint})`,
    name,
    record: { format: family, bits, group, zeroPoint },
    bits,
    group,
    zeroPoint,
    columnBlock: group,
    sections,
    reader: { blockQuads: 8, parts, ...(bits !== 3 && { codeOffset: bits === 8 ? 128 : 0 }) },
    // Fields of 3 bits lie in two places, so that no value can be addressed by itself.
    ...(bits !== 3 && {
      kept: {
        bits,
        block: group,
        shared,
        scaling,
        ...(bits === 8 ? { value: keptInt8 } : { value: keptInt4, pairs: pairsInt4 }),
        constants: scalingConstants,
      },
    }),
  } satisfies IntegerFormat);
}

const wordOf = (sections: readonly Section[], name: string): number =>
  sectionNamed(sections, name).offset / 4;

export const integerFamily: FormatFamily = {
  family,
  records: readRecords,
  format: (record) => {
    checkRecord(record, { bits: 'number', group: 'number', zeroPoint: 'boolean' });
    const { format: _, ...parameters } = record;
    return integer(parameters as unknown as IntegerParameters);
  },
};

/** True of formats that {@link integer} made. */
export const isInteger = (format: WeightFormat): format is IntegerFormat => format.family === family;
