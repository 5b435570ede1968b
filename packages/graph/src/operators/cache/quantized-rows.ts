import { decodeAttention } from '@tilewright/kernels/decode-attention';
import { quantizedLoadK, quantizedLoadV } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { badNode, elementType, rank } from '../shapes.ts';
import { planeOf, quantizedAttributes } from './quantized-attributes.ts';

/**
 * rows = low + scale · codes of a section.
 *
 * Keys or values `[1, heads, capacity, size]`, f32, of a section of integers, u32 `[1, heads, words]`: see `QuantizeRows`. Attention
 * absorbs it, and reads what it needs.
 */
export const quantizedRows: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'QuantizedRows',
  inputs: [{ name: 'section', kind: 'required' }],
  attributes: {
    ...quantizedAttributes,
    part: { type: 'string', choices: ['key', 'value'] },
    size: { type: 'integer' },
  },
  absorption: {
    direction: 'load',
    through: ['rows'],
    sees: () => 'row',
    inseparable: true,
    load: ({ inputs, attributes }) => {
      const options = planeOf(attributes, attributes.size);
      const kernels = [decodeAttention, flashAttention];
      const section = inputs.section!;
      return attributes.part === 'key'
        ? { slots: { load_k: quantizedLoadK(options) }, bindings: { 'load_k.cache': section }, kernels }
        : { slots: { load_v: quantizedLoadV(options) }, bindings: { 'load_v.cache': section }, kernels };
    },
  },
  infer: ({ subject, inputs, attributes }) => {
    rank(subject, 'section', inputs.section!, 3);
    elementType(subject, 'section', inputs.section!, ['u32']);
    const [rows, heads] = inputs.section!.shape;
    return { rows: { dtype: 'f32', shape: [rows!, heads!, attributes.capacity, attributes.size] } };
  },
  lower: (node) => {
    throw badNode(node.name, 'no attention absorbs it', 'rows of a cache are read by attention alone');
  },
});
