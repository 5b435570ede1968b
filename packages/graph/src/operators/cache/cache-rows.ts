import { decodeAttention } from '@tilewright/kernels/decode-attention';
import { ringLoadK, ringLoadV } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { staticSize } from '../requests.ts';
import { badNode } from '../shapes.ts';

/**
 * rows[p] = section[p mod capacity].
 *
 * Keys or values `[rows, heads, positions, size]` of a section `[rows, heads, capacity, size]` in which position p is row p mod capacity.
 * Attention absorbs it, and reads what it needs.
 */
export const cacheRows: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'CacheRows',
  inputs: [{ name: 'section', kind: 'required' }],
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
      const section = node.inputs.section!;
      const options = { capacity: staticSize(context, section, 2), size: staticSize(context, section, 3) };
      // Packed rows need kernels that know them, those for few queries first.
      const kernels = [decodeAttention, flashAttention];
      return node.attributes.part === 'key'
        ? { slots: { load_k: ringLoadK(options) }, bindings: { 'load_k.cache': section }, kernels }
        : { slots: { load_v: ringLoadV(options) }, bindings: { 'load_v.cache': section }, kernels };
    },
  },
  infer: ({ inputs, attributes }) => {
    const { dtype, shape } = inputs.section!;
    return { rows: { dtype, shape: shape.with(2, attributes.positions) } };
  },
  lower: (node) => {
    throw badNode(node.name, 'no attention absorbs it', 'rows of a cache are read by attention alone');
  },
});
