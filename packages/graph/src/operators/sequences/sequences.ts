// The step input of packed rows: where each begins among the tokens, and how many positions it has had.
import { checkOptions, having, listOf, TilewrightError } from '@tilewright/kernels';
import { printShape } from '../../extent/index.ts';
import type { HostContext, ValueType } from '../../ir.ts';
import { badNode, elementType } from '../shapes.ts';

/** How many rows there are room for. Throws `bad-graph` for what is not `[rows + 1, 2]`. */
export function rowsOfSequences(subject: string, type: ValueType): number {
  elementType(subject, 'sequences', type, ['u32']);
  const [lines, columns, ...more] = type.shape;
  if (typeof lines === 'number' && lines > 1 && columns === 2 && more.length === 0) return lines - 1;
  throw badNode(
    subject,
    `'sequences' has shape ${printShape(type.shape)}`,
    'it must be [rows + 1, 2]: a first token and the positions before it, and the number of tokens at the end',
  );
}

/** The numbers of `sequences`. Throws `bad-argument` for rows that do not follow one another, or end elsewhere. */
export function checkSequences({ subject, value }: HostContext<unknown>, tokens: number): ArrayLike<number> {
  const sequences = value('sequences');
  const starts = Array.from({ length: sequences.length / 2 }, (_, row) => sequences[2 * row]!);
  if (
    starts[0] === 0 &&
    starts.at(-1) === tokens &&
    starts.every((start, row) => row === 0 || start >= starts[row - 1]!)
  )
    return sequences;
  throw new TilewrightError('bad-argument', {
    subject,
    problem: `the rows of 'sequences' begin at ${starts.slice(0, -1).join(', ')} and end at ${starts.at(-1)}`,
    requirement: `they follow one another from 0 to the ${tokens} tokens of this step`,
    fix: 'use packedSequences, which makes them',
  });
}

/**
 * `sequences` for a step: of each row how many tokens it has in this step, and how many positions it had before. Rows that a graph has
 * room for beyond these are empty. Throws `bad-argument` for more rows than `rows`.
 */
export function packedSequences(
  sequences: readonly { readonly tokens: number; readonly before: number }[],
  rows: number = sequences?.length,
): Uint32Array {
  const row = having('a row with its tokens and the positions before', 'tokens', 'before');
  checkOptions('packedSequences', { sequences }, { sequences: listOf(row) });
  if (sequences.length > rows)
    throw new TilewrightError('bad-argument', {
      subject: 'packedSequences',
      problem: `there are ${sequences.length} sequences`,
      requirement: `the graph has room for ${rows}`,
      fix: 'build the graph for more, or give fewer at a time',
    });
  const packed = new Uint32Array(2 * (rows + 1));
  for (let row = 0; row < rows; row++) {
    packed[2 * row + 1] = sequences[row]?.before ?? 0;
    packed[2 * row + 2] = packed[2 * row]! + (sequences[row]?.tokens ?? 0);
  }
  return packed;
}
