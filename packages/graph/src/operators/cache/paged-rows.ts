import { decodeAttention } from '@tilewright/kernels/decode-attention';
import { pagedLoadK, pagedLoadV } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { staticSize } from '../requests.ts';
import { badNode, elementType, rank } from '../shapes.ts';

/**
 * rows[r, p] = pool[pages[r, p / page size], p mod page size].
 *
 * Keys or values `[rows, heads, positions, size]` of a pool `[pages, heads, page size, size]` and a table `pages`, u32 `[rows, entries]`.
 * Attention absorbs it, and reads what it needs.
 */
export const pagedRows: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'PagedRows',
  inputs: [
    { name: 'pool', kind: 'required' },
    { name: 'pages', kind: 'required' },
  ],
  attributes: {
    part: { type: 'string', choices: ['key', 'value'] },
    positions: { type: 'integer' },
  },
  absorption: {
    direction: 'load',
    through: ['rows'],
    sees: () => 'row',
    inseparable: true,
    load: (node, context) => {
      const { pool, pages } = node.inputs as Record<'pool' | 'pages', string>;
      const options = {
        pages: staticSize(context, pool, 0),
        pageSize: staticSize(context, pool, 2),
        tableSize: staticSize(context, pages, 1),
        size: staticSize(context, pool, 3),
      };
      // Packed rows need kernels that know them, those for few queries first.
      const kernels = [decodeAttention, flashAttention];
      return node.attributes.part === 'key'
        ? {
            slots: { load_k: pagedLoadK(options) },
            bindings: { 'load_k.pool': pool, 'load_k.pages': pages },
            kernels,
          }
        : {
            slots: { load_v: pagedLoadV(options) },
            bindings: { 'load_v.pool': pool, 'load_v.pages': pages },
            kernels,
          };
    },
  },
  infer: ({ subject, inputs, attributes }) => {
    const { pool, pages } = inputs;
    rank(subject, 'pool', pool!, 4);
    rank(subject, 'pages', pages!, 2);
    elementType(subject, 'pages', pages!, ['u32']);
    const [, heads, , size] = pool!.shape;
    return {
      rows: { dtype: pool!.dtype, shape: [pages!.shape[0]!, heads!, attributes.positions, size!] },
    };
  },
  lower: (node) => {
    throw badNode(node.name, 'no attention absorbs it', 'rows of a cache are read by attention alone');
  },
});
