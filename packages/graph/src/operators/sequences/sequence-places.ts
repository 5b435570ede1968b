import { type Extent, TilewrightError } from '@tilewright/kernels';
import type { CachePlace, CacheStep } from '../../ir.ts';
import type { Attribute, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { checkSequences, rowsOfSequences } from './sequences.ts';

/**
 * positions of the tokens of packed rows, lengths and starts of the rows.
 *
 * What follows from `sequences`, u32 `[rows + 1, 2]`: of each packed row the first of its tokens and how many positions it had before
 * this step, and in the last line the number of tokens and 0. `tokens` is how many the step has, a size of the graph; `positions` how
 * many a row has room for, which a run checks, 0 for any. The host
 * computes it when the step begins: `positions [1, tokens]` of the tokens in their rows, `lengths [rows]` with this step's tokens, `before [rows]` without,
 * `starts [rows + 1]` of the tokens and `key_starts [rows + 1]` of as many keys as there are positions.
 */
export const sequencePlaces: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'SequencePlaces',
  inputs: [{ name: 'sequences', kind: 'required' }],
  attributes: { tokens: { type: 'extent' }, positions: { type: 'integer', default: 0 } },
  infer: ({ subject, inputs, attributes }) => {
    const rows = rowsOfSequences(subject, inputs.sequences!);
    const { tokens } = attributes;
    return {
      positions: { dtype: 'u32', shape: [1, tokens] },
      lengths: { dtype: 'u32', shape: [rows] },
      before: { dtype: 'u32', shape: [rows] },
      starts: { dtype: 'u32', shape: [rows + 1] },
      key_starts: { dtype: 'u32', shape: [rows + 1] },
    };
  },
  host: (context) => {
    const positions = new Uint32Array(context.shape('positions')[1]!);
    const rows = context.shape('lengths')[0]!;
    const { positions: most } = context.attributes;
    const sequences = checkSequences(context, positions.length);
    const lengths = new Uint32Array(rows);
    const starts = Uint32Array.from({ length: rows + 1 }, (_, row) => sequences[2 * row]!);
    const keyStarts = new Uint32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      const [first, past, end] = [0, 1, 2].map((i) => sequences[2 * row + i]!) as [number, number, number];
      for (let token = first; token < end; token++) positions[token] = past + token - first;
      lengths[row] = past + end - first;
      keyStarts[row + 1] = keyStarts[row]! + lengths[row]!;
      if (most > 0 && lengths[row]! > most)
        throw new TilewrightError('bad-argument', {
          subject: context.subject,
          problem: `sequence ${row} comes to ${lengths[row]} positions`,
          requirement: `there is room for ${most}`,
          fix: 'end it, or build the graph for more',
        });
    }
    const before = Uint32Array.from(lengths, (_, row) => sequences[2 * row + 1]!);
    return { positions, lengths, before, starts, key_starts: keyStarts };
  },
});

const placesOf = (sequences: string, tokens: Extent, positions: number): Omit<Node, 'name' | 'outputs'> => ({
  operator: sequencePlaces,
  inputs: { sequences },
  attributes: { tokens: tokens as Attribute, positions },
});

/** What of `sequences` formats of caches ask for. */
export function sequenceStep(
  sequences: string,
  tokens: Extent,
  { shared, sizes }: Pick<CachePlace, 'shared' | 'sizes'>,
): Pick<CacheStep, 'sequences' | 'tokens' | 'positions' | 'before'> {
  const node = placesOf(sequences, tokens, sizes.positions);
  return { sequences, tokens, positions: shared(node, 'positions'), before: shared(node, 'before') };
}

/** How attention is told where rows begin: by the length of one, by the starts of several. */
export function rowInputs(
  { sequences, tokens }: Pick<CacheStep, 'sequences' | 'tokens'>,
  { shared, sizes }: Pick<CachePlace, 'shared' | 'sizes'>,
): Readonly<Record<string, string>> {
  const node = placesOf(sequences, tokens, sizes.positions);
  return sizes.rows === 1
    ? { lengths: shared(node, 'lengths') }
    : { starts: shared(node, 'starts'), key_starts: shared(node, 'key_starts') };
}
