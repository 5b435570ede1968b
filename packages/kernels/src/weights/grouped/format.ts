// Formats whose rows are codes of a few bits, with a scale for each group of them: what integers, tables and small floats have
// in common. A family says what its codes stand for; the rest is here.
import type {
  FormatRecord,
  FormatSections,
  ReaderParts,
  SectionSize,
  WeightFormat,
} from '../../contract/weight-format.ts';
import type { CodeBits } from '../codes.ts';
import dot from '../dot.wgsl';
import { matrixShape, packedSections, sectionNamed } from '../sections.ts';
import words from '../words.wgsl';
import codes1 from './codes.1.wgsl';
import codes2 from './codes.2.wgsl';
import codes3 from './codes.3.wgsl';
import codes4 from './codes.4.wgsl';
import codes5 from './codes.5.wgsl';
import codes6 from './codes.6.wgsl';
import codes8 from './codes.8.wgsl';
import { frameOf } from './frame.ts';
import { checkGrouping, columnBlockOf, groupCount, type Grouping } from './grouping.ts';
import {
  groupsOfRow,
  hasMinimum,
  type Scaling,
  scalingConstants,
  scalingSections,
  scalingWgsl,
} from './scaling.ts';

/**
 * Codes of a few bits by group.
 *
 * In memory, for shape `[rows, columns]`: little-endian u32 words, sections one after the other, each starting at a multiple of
 * 16 bytes; the whole takes a multiple of 16 bytes too (bytes between are zero).
 * 1. codes, row-major, columns padded to a multiple of 32 (of 16 for codes of 8 bits of which one stands for zero everywhere): `bits` words for each 32 columns, in the order that `codes.ts`
 *    describes. Padding has the code that stands for zero, or 0 where there is none.
 * 2. what groups share, as `Scaling` says: scales, zero points or minimums, outer scales; each row-major `[rows, groups]`, with
 *    `groups = ⌈columns / group⌉`, for nested scales padded to a multiple of `outer` with zeros. Of `flat` and `across` a
 *    single list of all groups.
 * 3. of `indexed` the groups of the columns, u16 each, padded to a multiple of 32 columns with zeros.
 * 4. sections of the family.
 */
export interface GroupedFormat extends WeightFormat, Grouping {
  /** The code that stands for zero, where it is the same everywhere. */
  readonly zeroCode: number | undefined;
}

/** What a family adds. */
export interface GroupedFamily {
  readonly family: string;
  readonly name: string;
  readonly record: FormatRecord;
  /** WGSL of `fn b_numbers(bytes: u32) -> vec4<f32>`: what the codes of a quad, a byte each, stand for. */
  readonly numbers: readonly string[];
  /** Sections behind the others. */
  readonly sections?: readonly SectionSize[];
  /** Words at which they begin, by the names of their constants. */
  readonly constants?: Readonly<Record<string, string>>;
  /** The code that stands for 0 in `numbers`; undefined for none. */
  readonly zeroCode: number | undefined;
}

const codes: Readonly<Record<CodeBits, string>> = {
  1: codes1,
  2: codes2,
  3: codes3,
  4: codes4,
  5: codes5,
  6: codes6,
  8: codes8,
};

/** The sections of what groups share. */
function shared(grouping: Grouping, rows: number, columns: number): SectionSize[] {
  const { group, places, scaling } = grouping;
  const groups = groupsOfRow(scaling, groupCount(grouping, rows, columns));
  const perBlock = group === 'row' || places !== 'rows' ? 0 : columnBlockOf(grouping) / group;
  const sections = scalingSections(scaling, groups, perBlock);
  if (places === 'flat' || places === 'across')
    return sections.map((section) => ({ ...section, shared: true }));
  return sections;
}

/** Bytes of a row's codes: whole blocks, of bytes halves of blocks where what is missing is known. */
const codeBytes = (bits: CodeBits, zeroCode: number | undefined, columns: number): number =>
  bits === 8 && zeroCode !== undefined ? 16 * Math.ceil(columns / 16) : 4 * bits * Math.ceil(columns / 32);

/** A format of this family. Throws `bad-format` for a group that cannot be. */
export function groupedFormat(input: GroupedFamily, grouping: Grouping): GroupedFormat {
  const { family, name, record } = input;
  const { bits, group, places, scaling } = grouping;
  checkGrouping(name, grouping);
  const columnBlock = columnBlockOf(grouping);
  const zeroCode = zeroCodeOf(scaling, input.zeroCode);
  const sections = (shape: readonly number[]): FormatSections => {
    const size = matrixShape(name, shape);
    const blocks = Math.ceil(size.columns / 32);
    return packedSections(size, [
      {
        name: 'codes',
        rowBytes: codeBytes(bits, zeroCode, size.columns),
        blockBytes: (columnBlock * bits) / 8,
      },
      ...shared(grouping, size.rows, size.columns),
      ...(places === 'indexed'
        ? [
            {
              name: 'groups',
              rowBytes: 64 * blocks,
              blockBytes: 64,
              shared: true as const,
            },
          ]
        : []),
      ...(input.sections ?? []),
    ]);
  };
  const parts = (rows: number, columns: number): ReaderParts => {
    const placed = sections([rows, columns]).sections;
    const groups = groupsOfRow(scaling, groupCount(grouping, rows, columns));
    const frame = frameOf(grouping, columns, isZeroless(scaling, zeroCode));
    return {
      wgsl: [words, codes[bits], ...input.numbers, ...scalingWgsl(scaling), ...frame.wgsl, dot],
      constants: {
        BLOCK_QUADS: 8,
        ...(bits === 8
          ? { B_ROW: codeBytes(bits, zeroCode, columns) / 16, B_FILL: 0x01010101 * (zeroCode ?? 0) }
          : { B_BLOCKS: Math.ceil(columns / 32) }),
        B_GROUPS: groups,
        ...scalingConstants(scaling, placed),
        ...frame.constants(groups),
        ...(places === 'indexed' && {
          B_INDEX: sectionNamed(placed, 'groups').offset / 4,
        }),
        ...Object.fromEntries(
          Object.entries(input.constants ?? {}).map(([constant, section]) => [
            constant,
            sectionNamed(placed, section).offset / 4,
          ]),
        ),
      },
      view: { dtype: 'u32', width: 4 },
    };
  };
  return {
    family,
    id: JSON.stringify(record),
    name,
    record,
    bits,
    group,
    places,
    scaling,
    zeroCode,
    columnBlock,
    sections,
    ...((places === 'flat' || places === 'across') && {
      rowless: true as const,
    }),
    ...((places !== 'rows' || input.sections !== undefined) && {
      unjoined: true as const,
    }),
    reader: { blockQuads: 8, parts },
  };
}

/** The code that numbers less the fixed zero point make 0 of. */
function zeroCodeOf(scaling: Scaling, zeroCode: number | undefined): number | undefined {
  const { zero } = scaling;
  if (typeof zero === 'string' || hasMinimum(scaling)) return undefined;
  return zeroCode === undefined ? undefined : zeroCode + zero;
}

/** Whether a column beyond the row has no code that is 0. */
const isZeroless = (scaling: Scaling, zeroCode: number | undefined): boolean =>
  zeroCode === undefined && (hasMinimum(scaling) || scaling.zero !== 'bytes');
