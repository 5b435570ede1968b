// Formats whose rows are codes of a few bits, with a scale for each group of them: what integers, tables and small floats have
// in common. A family says what its codes stand for; the rest is here.
import { TilewrightError } from '../../contract/errors.ts';
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
import frameBlocks from './frame.blocks.wgsl';
import frameElements from './frame.elements.wgsl';
import frameQuads from './frame.quads.wgsl';
import placesAcross from './places.across.wgsl';
import placesFlat from './places.flat.wgsl';
import placesIndexed from './places.indexed.wgsl';
import placesRows from './places.rows.wgsl';
import scalingBlocks from './scaling.blocks.wgsl';
import {
  groupsOfRow,
  hasMinimum,
  type Scaling,
  scalingConstants,
  scalingSections,
  scalingWgsl,
} from './scaling.ts';

/**
 * Which elements are a group.
 *
 * - `rows`: runs of `group` columns of a row, or the whole row.
 * - `flat`: runs of `group` elements in row-major order, which do not stop where a row ends; the last may be short.
 * - `across`: of all elements in row-major order, those whose numbers agree modulo `elements / group`.
 * - `indexed`: each column names its group, the same in all rows; there are `⌈columns / group⌉`.
 */
export type GroupPlaces = 'rows' | 'flat' | 'across' | 'indexed';

/** What is stored, whatever the codes mean. */
export interface Grouping {
  readonly bits: CodeBits;
  /** Elements that share a scale. */
  readonly group: number | 'row';
  readonly places: GroupPlaces;
  readonly scaling: Scaling;
}

/**
 * Codes of a few bits by group.
 *
 * In memory, for shape `[rows, columns]`: little-endian u32 words, sections one after the other, each starting at a multiple of
 * 16 bytes; the whole takes a multiple of 16 bytes too (bytes between are zero).
 * 1. codes, row-major, columns padded to a multiple of 32: `bits` words for each 32 columns, in the order that `codes.ts`
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

/** Columns of whole blocks and whole groups. */
function columnBlockOf({ group, places, scaling }: Grouping): number {
  if (group === 'row' || places !== 'rows') return 32;
  const columns = scaling.kind === 'nested' ? group * scaling.outer : group;
  let block = columns;
  while (block % 32 !== 0) block += columns;
  return block;
}

/** Whether a block of 32 columns has one scale. */
export const isByBlocks = ({ group, places }: Pick<Grouping, 'group' | 'places'>): boolean =>
  places === 'rows' && (group === 'row' || group % 32 === 0);

/** Groups of a row, without padding; of `flat` and `across` those of the matrix. */
export function groupCount({ group, places }: Grouping, rows: number, columns: number): number {
  if (group === 'row') return 1;
  return Math.ceil((places === 'flat' || places === 'across' ? rows * columns : columns) / group);
}

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

function checkGrouping(name: string, { group, places }: Grouping): void {
  const refuse = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem,
      requirement,
      fix,
    });
  };
  if (!['rows', 'flat', 'across', 'indexed'].includes(places))
    refuse(
      `the places of groups are '${String(places)}'`,
      "they are 'rows', 'flat', 'across' or 'indexed'",
      'give one of these',
    );
  if (group === 'row') {
    if (places !== 'rows')
      refuse(`groups are rows, and their places '${places}'`, "then they are 'rows'", 'leave places out');
  } else if (!(Number.isSafeInteger(group) && group > 0 && group < 2 ** 24))
    refuse(
      `groups of ${String(group)}`,
      "a group is a positive number of columns, or 'row'",
      'take 32, 64, 128 or such',
    );
}

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
        rowBytes: 4 * bits * blocks,
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
        B_BLOCKS: Math.ceil(columns / 32),
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

/** For names of formats. */
export const groupName = (group: number | 'row'): string => (group === 'row' ? 'row' : `g${group}`);

interface Frame {
  readonly wgsl: readonly string[];
  readonly constants: (groups: number) => Readonly<Record<string, number>>;
}

/** How scales are found: one for a block where that is right, else for each quad or each element. */
function frameOf(grouping: Grouping, columns: number, isZeroless: boolean): Frame {
  const { group, places } = grouping;
  const width = group === 'row' ? columns : group;
  const byGroup = { B_GROUP: width };
  if (isByBlocks(grouping) && !(isZeroless && columns % 32 !== 0))
    return {
      wgsl: [scalingBlocks, frameBlocks],
      constants: () => ({ B_GROUP_BLOCKS: Math.ceil(width / 32) }),
    };
  if (places === 'rows' && (group === 'row' || group % 4 === 0))
    return { wgsl: [frameQuads], constants: () => byGroup };
  const [wgsl, constants] = {
    rows: [placesRows, () => byGroup],
    flat: [placesFlat, () => byGroup],
    across: [placesAcross, (groups: number) => ({ B_ACROSS: groups })],
    indexed: [placesIndexed, () => ({})],
  }[places] as [string, Frame['constants']];
  return { wgsl: [wgsl, frameElements], constants };
}
