import { checkOptions, positiveInteger, anyValue } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { roundUp } from '../../contract/extent.ts';
import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { FormatRecord, ReaderParts, WeightFormat } from '../../contract/weight-format.ts';
import dot from '../dot.wgsl';
import { checkRecord } from '../families.ts';
import { readRecords } from '../records.ts';
import { matrixShape, packedSections, sectionNamed } from '../sections.ts';
import words from '../words.wgsl';
import sparse from './n-m.wgsl';
import twoOfFour from './two-of-four.wgsl';

/**
 * N:M sparsity: of each `m` neighbouring columns of a row, exactly `n` are stored, in strictly ascending order of
 * column. Where fewer are not zero, zeros from the group's lowest free columns fill up (in padding: columns 0 to n-1).
 *
 * In memory, for shape `[rows, columns]`: u32 words, sections each starting at a multiple of 16 bytes. Columns are
 * padded to a multiple of 32 and of the columns that share something in the values' format (`m` divides 32).
 * 1. the kept values, row-major, `keptColumns = paddedColumns · n / m` per row, in the values' format's own order with
 *    `keptColumns` in the place of columns (for integers: their code section; 8 kept values fill a word at 4 bits and
 *    4 at 8 bits, and each block of columns must keep a multiple of that).
 * 2. positions within the group of `m`, `indexBits` each (1, 2 or 4 bits for m = 2, 4 and 8 to 16), row-major:
 *    kept value `i` of a row sits at bits `indexBits · (i mod 32/indexBits)` of its word `⌊i · indexBits / 32⌋`;
 *    rows start at whole words.
 * 3. what values share, as their format has it for the whole matrix: of integers the scales and zero points of groups of
 *    *original* columns. Zeros that fill up and padding are stored as the values' format stores zero.
 */
export interface NMFormat extends WeightFormat {
  readonly n: number;
  /** 2, 4, 8 or 16. */
  readonly m: number;
  readonly values: WeightFormat;
  readonly withValues: (values: WeightFormat) => NMFormat;
}

export interface NMParameters {
  readonly n: number;
  readonly m: number;
  /** How the kept values are stored: a format whose values can be addressed one by one (f32, f16, 4-bit and 8-bit integers). */
  readonly values: WeightFormat;
}

const family = 'n:m';

/** Bits of one stored position within a group of `m` columns. */
export const positionBits = (m: number): 1 | 2 | 4 => (m === 2 ? 1 : m === 4 ? 2 : 4);

/** Columns of a row that are stored or stand for what is stored. */
export const paddedColumns = ({ values }: Pick<NMFormat, 'values'>, columns: number): number =>
  roundUp(columns, values.kept!.block);

/** `n` of each `m` neighbouring values, stored as `values`. Throws `bad-format` for what cannot be. */
export function nm(parameters: NMParameters): NMFormat {
  checkOptions('nm', parameters, {
    n: positiveInteger,
    m: positiveInteger,
    values: anyValue,
  });
  const { n, m, values } = parameters;
  const name = `${values.name}+${n}:${m}`;
  const kept = checkedParameters(name, n, m, values);
  const sections: NMFormat['sections'] = (shape) => {
    const size = matrixShape(name, shape);
    const padded = paddedColumns({ values }, size.columns);
    const keptColumns = (padded * n) / m;
    const blockKept = (kept.block * n) / m;
    return packedSections(size, [
      {
        name: 'values',
        rowBytes: (keptColumns * kept.bits) / 8,
        blockBytes: (blockKept * kept.bits) / 8,
      },
      {
        name: 'positions',
        rowBytes: roundUp(keptColumns * positionBits(m), 32) / 8,
        blockBytes: (blockKept * positionBits(m)) / 8,
      },
      ...kept.shared(padded),
    ]);
  };
  const parts = (rows: number, columns: number): ReaderParts => {
    const padded = paddedColumns({ values }, columns);
    const placed = sections([rows, columns]).sections;
    const positions = sectionNamed(placed, 'positions');
    const span = Math.max(m, 4);
    const pairs = n === 2 && m === 4 ? kept.pairs : undefined;
    return {
      wgsl: [words, kept.scaling, ...(pairs === undefined ? [sparse, kept.value, dot] : [twoOfFour, pairs])],
      constants: {
        BLOCK_QUADS: 8,
        B_BLOCKS: padded / 32,
        ...kept.constants(padded, placed),
        B_N: n,
        B_M: m,
        B_KEPT: (padded * n) / m,
        B_BLOCK_KEPT: (32 * n) / m,
        B_SPAN: span,
        B_SPAN_KEPT: (span * n) / m,
        B_POSITIONS: positions.offset / 4,
        B_POSITION_WORDS: positions.rowBytes / 4,
        B_POSITION_BITS: positionBits(m),
      },
      view: { dtype: 'u32', width: 4 },
    };
  };
  return Object.freeze({
    family,
    id: `${family}(${n},${m},${values.id})`,
    name,
    record: { format: family, n, m, values: values.record },
    n,
    m,
    values,
    withValues: (others) => nm({ n, m, values: others }),
    columnBlock: kept.block,
    sections,
    reader: { blockQuads: 8, parts },
  } satisfies NMFormat);
}

function checkedParameters(
  name: string,
  n: number,
  m: number,
  { kept, name: valuesName }: WeightFormat,
): NonNullable<WeightFormat['kept']> {
  const refuse = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem,
      requirement,
      fix,
    });
  };
  if (![2, 4, 8, 16].includes(m))
    refuse(`${n} of ${m}`, 'm is 2, 4, 8 or 16, so that it divides a block of 32 columns', 'take such an m');
  if (!(Number.isInteger(n) && n >= 1 && n < m))
    refuse(`${n} of ${m}`, 'n is at least 1 and below m', 'take such an n');
  if (kept === undefined)
    return refuse(
      `values of ${valuesName}`,
      'kept values have a format in which each can be addressed by itself',
      'keep f32, f16, or integers of 4 or 8 bits',
    );
  const blockKept = (kept.block * n) / m;
  const run = 32 / kept.bits;
  if (blockKept % run !== 0) {
    refuse(
      `each group of ${kept.block} keeps ${blockKept} values`,
      `that must be a multiple of ${run}, to fill whole words`,
      'take a larger group',
    );
  }
  return kept;
}

export const nmFamily: FormatFamily = {
  family,
  records: readRecords,
  format: (record, inner) => {
    checkRecord(record, { n: 'number', m: 'number', values: 'object' });
    return nm({
      n: record.n as number,
      m: record.m as number,
      values: inner(record.values as FormatRecord),
    });
  },
};
