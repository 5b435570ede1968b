import { checkOptions } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { roundUp } from '../../contract/extent.ts';
import type { FormatFamily } from '../../contract/weight-codec.ts';
import type { KeptValues, SectionSize, WeightFormat } from '../../contract/weight-format.ts';
import dot from '../dot.wgsl';
import { checkRecord } from '../families.ts';
import { readRecords } from '../records.ts';
import { matrixShape, packedSections, sectionNamed } from '../sections.ts';
import words from '../words.wgsl';
import kept from './kept.wgsl';
import nf4Wgsl from './nf4.wgsl';
import scaling from './scaling.wgsl';
import table from './table.wgsl';

/**
 * NF4: codes of four bits into a table of sixteen numbers, with one f16 scale per group of neighbouring columns of a row,
 * `w = table[code] · scale`. The table is that of bitsandbytes (Dettmers et al., QLoRA, 2023); scales are halves here.
 *
 * In memory, for shape `[rows, columns]`: u32 words, sections at multiples of 16 bytes. Columns are padded to a multiple of
 * `group` with the code of zero, 7.
 * 1. codes, row-major, in the order that `codes.ts` describes for 4 bits;
 * 2. scales, f16, row-major `[rows, paddedColumns / group]`.
 */
export interface Nf4Format extends WeightFormat {
  /** Columns that share a scale; a multiple of 32. */
  readonly group: number;
}

export interface Nf4Parameters {
  /** Default 64. */
  readonly group?: number;
}

const family = 'nf4';

/** The table of NF4 with a scale per group of columns. Throws `bad-format` for a group that is not a multiple of 32. */
export function nf4(parameters: Nf4Parameters = {}): Nf4Format {
  checkOptions('nf4', parameters, ['group']);
  const { group = 64 } = parameters;
  const name = `nf4-g${group}`;
  if (!(Number.isSafeInteger(group) && group > 0 && group % 32 === 0)) {
    throw new TilewrightError('bad-format', {
      subject: `format ${name}`,
      problem: `groups of ${group} columns`,
      requirement: 'a group is a positive multiple of 32 columns',
      fix: 'take 32, 64, 128 or another multiple of 32',
    });
  }
  const shared = (width: number): readonly SectionSize[] => [
    { name: 'scales', rowBytes: (2 * width) / group, blockBytes: 2 },
  ];
  const sections: Nf4Format['sections'] = (shape) => {
    const size = matrixShape(name, shape);
    const width = roundUp(size.columns, group);
    return packedSections(size, [
      { name: 'codes', rowBytes: width / 2, blockBytes: group / 2 },
      ...shared(width),
    ]);
  };
  const constants: KeptValues['constants'] = (width, placed) => ({
    B_GROUPS: width / group,
    B_GROUP_BLOCKS: group / 32,
    B_SCALES: sectionNamed(placed, 'scales').offset / 4,
  });
  return Object.freeze({
    family,
    id: `${family}(${group})`,
    name,
    record: { format: family, group },
    group,
    columnBlock: group,
    sections,
    reader: {
      blockQuads: 8,
      parts: (rows, columns) => {
        const width = roundUp(columns, group);
        return {
          wgsl: [words, table, scaling, nf4Wgsl, dot],
          constants: {
            BLOCK_QUADS: 8,
            B_BLOCKS: width / 32,
            ...constants(width, sections([rows, columns]).sections),
          },
          view: { dtype: 'u32', width: 4 },
        };
      },
    },
    kept: {
      bits: 4,
      block: group,
      shared,
      scaling: `${table}\n${scaling}`,
      value: kept,
      constants,
    },
  } satisfies Nf4Format);
}

export const nf4Family: FormatFamily = {
  family,
  records: readRecords,
  format: (record) => {
    checkRecord(record, { group: 'number' });
    return nf4({ group: record.group as number });
  },
};

/** True of formats that {@link nf4} made. */
export const isNf4 = (format: WeightFormat): format is Nf4Format => format.family === family;
