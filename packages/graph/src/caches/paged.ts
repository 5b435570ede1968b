import { checkOptions } from '@tilewright/kernels';
import type { Node } from '../ir.ts';
import { pagedRows } from '../operators/cache/paged-rows.ts';
import { badNode } from '../operators/shapes.ts';
import { pagedPlaces } from '../operators/sequences/paged-places.ts';
import type { CacheFormat, CachePlace, CacheSizes } from '../ir.ts';
import { keyAndValue, storeBoth } from './key-and-value.ts';

/**
 * Keys and values in a pool of `pages` pages of `pageSize` positions, which sequences share (Kwon et al. 2023, arXiv 2309.06180).
 * Each step reads one more input, `pages`: u32 `[rows, ⌈positions / pageSize⌉]`, of each sequence its pages in order, which
 * `pageTable(…).blockTable` gives. A page that others share is copied before it is written (`copyPages` on the states `….key` and
 * `….value`), which `pageTable` says. Throws `bad-graph` for sizes that are no positive integers.
 */
export function paged(options: { readonly pages: number; readonly pageSize: number }): CacheFormat {
  checkOptions('paged', options, ['pages', 'pageSize']);
  const { pages, pageSize } = options;
  for (const [name, size] of Object.entries({ pages, pageSize }))
    if (!Number.isSafeInteger(size) || size < 1)
      throw badNode('paged', `${name} is ${size}`, 'a pool has a positive integer of each');
  const table = ({ input }: CachePlace, { rows, positions }: CacheSizes): string =>
    input('pages', { dtype: 'u32', shape: [rows, Math.ceil(positions / pageSize)] });
  return {
    id: `paged(${pages}, ${pageSize})`,
    sections: (sizes) => keyAndValue({ ...sizes, rows: pages }, pageSize),
    append: (step) => {
      const { sizes, sequences, tokens, shared } = step;
      const node = {
        operator: pagedPlaces,
        inputs: { sequences, pages: table(step, sizes) },
        attributes: { tokens, page_size: pageSize, pool: pages },
      };
      return storeBoth(step, shared(node, 'places'));
    },
    read: (step) => {
      const { name, sections, sizes } = step;
      const read = (part: 'key' | 'value'): Node => ({
        name: `${name}.${part}_rows`,
        operator: pagedRows,
        inputs: { pool: sections[part]!, pages: table(step, sizes) },
        outputs: { rows: `${name}.${part}_rows.rows` },
        attributes: { part, positions: sizes.positions },
      });
      const nodes = [read('key'), read('value')] as const;
      return { nodes, K: nodes[0].outputs.rows!, V: nodes[1].outputs.rows! };
    },
  };
}
