import { times } from '@tilewright/kernels';
import { sumOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { rowsOfSequences } from '../sequences/sequences.ts';
import { sequenceStep } from '../sequences/sequence-places.ts';
import { badNode, floats, elementType, rank, sameSize } from '../shapes.ts';

/**
 * present = cache, with K and V at the next positions of each row.
 *
 * A cache with a step's keys and values behind what it has: K `[1, tokens, key heads · key size]` and V alike, of packed rows
 * as `sequences` says. The cache is a state `[rows, key heads, positions, key size + value size]` whose format says how it lies; the
 * format puts other nodes in the place of this one when the graph is compiled.
 */
export const appendCache: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'AppendCache',
  inputs: [
    { name: 'cache', kind: 'required' },
    { name: 'K', kind: 'required' },
    { name: 'V', kind: 'required' },
    { name: 'sequences', kind: 'required' },
  ],
  inPlace: { present: 'cache' },
  infer: (context) => {
    const { subject, inputs, extents } = context;
    const { cache, K, V } = inputs as Record<'cache' | 'K' | 'V', (typeof inputs)[string]>;
    rank(subject, 'cache', cache, 4);
    for (const [role, type] of Object.entries({ K, V })) {
      elementType(subject, role, type, floats);
      rank(subject, role, type, 3);
      sameSize(context, `the batch of '${role}'`, type.shape[0], 1);
    }
    sameSize(context, 'the number of tokens of V', V.shape[1], K.shape[1]);
    sameSize(
      context,
      'the width of K and V together',
      sumOf(extents, K.shape[2]!, V.shape[2]!),
      times(cache.shape[1]!, cache.shape[3]!),
    );
    const rows = rowsOfSequences(subject, inputs.sequences!);
    sameSize(context, 'the number of sequences', rows, cache.shape[0]);
    return { present: cache };
  },
  place: ({ inputs, name }, place, format, values) => {
    const { K, V, sequences } = inputs as Record<'K' | 'V' | 'sequences', string>;
    return format.append({ ...place, ...sequenceStep(sequences, values[K]!.shape[1]!, place), K, V, name });
  },
  expand: ({ name }) => {
    throw badNode(name, 'its cache is not a state that has a format', 'builder.cache declares one');
  },
});
