import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { checkSequences, rowsOfSequences } from './sequences.ts';

/**
 * places = row · capacity + position mod capacity.
 *
 * Of each token the row of a cache `[rows, heads, capacity, size]` it is written to: its position there, modulo the capacity.
 */
export const ringPlaces: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'RingPlaces',
  inputs: [{ name: 'sequences', kind: 'required' }],
  attributes: { tokens: { type: 'extent' }, capacity: { type: 'integer' } },
  infer: ({ subject, inputs, attributes }) => {
    rowsOfSequences(subject, inputs.sequences!);
    return { places: { dtype: 'u32', shape: [1, attributes.tokens] } };
  },
  host: (context) => {
    const places = new Uint32Array(context.shape('places')[1]!);
    const { capacity } = context.attributes;
    const sequences = checkSequences(context, places.length);
    for (let row = 0; 2 * row + 2 < sequences.length; row++)
      for (let token = sequences[2 * row]!; token < sequences[2 * row + 2]!; token++)
        places[token] = row * capacity + ((sequences[2 * row + 1]! + token - sequences[2 * row]!) % capacity);
    return { places };
  },
});
