import { elementwise, elementwiseFilling } from '@tilewright/kernels/elementwise';
import { productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { spreadRequest } from '../pointwise/spread-request.ts';
import { headsOf } from './heads.ts';

/**
 * A copy of keys or values in the form of a cache: `[batch, heads, tokens, size]`, of that or of packed
 * `[batch, tokens, heads · size]`.
 */
export const splitHeads: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'SplitHeads',
  // y = x as [batch, heads, tokens, size]
  inputs: [{ name: 'x', kind: 'required' }],
  attributes: { heads: { type: 'integer', default: 0 } },
  infer: ({ subject, inputs, attributes }) => {
    const x = headsOf(subject, 'x', inputs.x!, attributes.heads);
    return {
      y: {
        dtype: inputs.x!.dtype,
        shape: [x.batch, x.heads, x.tokens, x.size],
      },
    };
  },
  lower: (node, context) => {
    const type = context.values[node.inputs.x!]!;
    const { heads, tokens, size, packed } = headsOf(node.name, 'x', type, node.attributes.heads);
    const row = heads * size;
    const strides = [productOf(context.extents, tokens, row), size, row, 1];
    return spreadRequest(
      {
        kernel: elementwise,
        y: node.outputs.y!,
        operands: { x: [node.inputs.x!, packed ? strides : 'full'] },
        fill: (spread) => elementwiseFilling({ expression: 'x', ...spread }),
      },
      context,
    );
  },
});
