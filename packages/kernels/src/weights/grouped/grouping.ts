// Which elements of a matrix share a scale.
import { TilewrightError } from '../../contract/errors.ts';
import type { CodeBits } from '../codes.ts';
import type { Scaling } from './scaling.ts';

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

/** Columns of whole blocks and whole groups. */
export function columnBlockOf({ group, places, scaling }: Grouping): number {
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

/** Refuses a group that cannot be. */
export function checkGrouping(name: string, { group, places }: Grouping): void {
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

/** For names of formats. */
export const groupName = (group: number | 'row'): string => (group === 'row' ? 'row' : `g${group}`);
