import { TilewrightError } from '@tilewright/kernels';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { elementType, rank, sameSize } from '../shapes.ts';
import { checkSequences, rowsOfSequences } from './sequences.ts';

/**
 * places = page · page_size + offset.
 *
 * Of each token the row of a pool `[pages, heads, page_size, size]` it is written to, by the table `pages`, u32 `[rows, entries]`: the
 * pages of each sequence in order. A run throws `bad-argument` for entries past the pool and positions past the table.
 */
export const pagedPlaces: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'PagedPlaces',
  inputs: [
    { name: 'sequences', kind: 'required' },
    { name: 'pages', kind: 'required' },
  ],
  attributes: {
    tokens: { type: 'extent' },
    page_size: { type: 'integer' },
    pool: { type: 'integer' },
  },
  infer: (context) => {
    const { subject, inputs, attributes } = context;
    elementType(subject, 'pages', inputs.pages!, ['u32']);
    rank(subject, 'pages', inputs.pages!, 2);
    const rows = rowsOfSequences(subject, inputs.sequences!);
    sameSize(context, "the number of rows of 'pages'", inputs.pages!.shape[0], rows);
    return { places: { dtype: 'u32', shape: [1, attributes.tokens] } };
  },
  host: (context) => {
    const { attributes, subject, value, shape } = context;
    const { page_size: pageSize, pool } = attributes;
    const places = new Uint32Array(shape('places')[1]!);
    const entries = shape('pages')[1]!;
    const sequences = checkSequences(context, places.length);
    const pages = value('pages');
    for (let row = 0; 2 * row + 2 < sequences.length; row++)
      for (let token = sequences[2 * row]!; token < sequences[2 * row + 2]!; token++) {
        const position = sequences[2 * row + 1]! + token - sequences[2 * row]!;
        const entry = Math.floor(position / pageSize);
        const page = entry < entries ? pages[row * entries + entry]! : pool;
        if (page >= pool)
          throw new TilewrightError('bad-argument', {
            subject,
            problem: `position ${position} of sequence ${row} is in ${entry < entries ? `page ${page}` : `entry ${entry}`}`,
            requirement: `the pool has ${pool} pages of ${pageSize} positions, and a sequence ${entries} entries`,
            fix: 'take the block table of pageTable, which knows the pool',
          });
        places[token] = page * pageSize + (position % pageSize);
      }
    return { places };
  },
});
