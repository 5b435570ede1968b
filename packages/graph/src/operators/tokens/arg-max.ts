import { times } from '@tilewright/kernels';
import { argmax } from '@tilewright/kernels/argmax';
import { productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { axisOf, elementType, floats, staticCount } from '../shapes.ts';

/**
 * reduced = index of the largest element along an axis.
 *
 * ONNX `ArgMax` (opset 13) of f32 and f16: u32 indices. NaN counts as larger than infinity.
 */
export const argMax: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'ArgMax',
  inputs: [{ name: 'data', kind: 'required' }],
  attributes: {
    axis: { type: 'integer', default: 0 },
    keepdims: { type: 'integer', default: 1, choices: [0, 1] },
    select_last_index: { type: 'integer', default: 0, choices: [0, 1] },
  },
  infer: ({ subject, inputs, attributes }) => {
    const { shape } = inputs.data!;
    elementType(subject, 'data', inputs.data!, floats);
    const axis = axisOf(subject, attributes.axis, shape.length);
    const kept = attributes.keepdims === 1 ? [1] : [];
    return { reduced: { dtype: 'u32', shape: shape.toSpliced(axis, 1, ...kept) } };
  },
  lower: (node, context) => {
    const { data } = node.inputs;
    const { shape } = context.values[data!]!;
    const axis = axisOf(node.name, node.attributes.axis, shape.length);
    const [columns, inner] = [shape.slice(axis, axis + 1), shape.slice(axis + 1)].map((part) =>
      staticCount(node.name, 'data', part),
    ) as [number, number];
    const rows = productOf(context.extents, ...shape.slice(0, axis));
    const bindings = { x: data!, ids: node.outputs.reduced! };
    return {
      kernels: [argmax],
      problem: {
        axes: { rows: context.planned(rows), columns, ...(inner > 1 && { inner }) },
        dtypes: dtypesOf(context, bindings),
        options: {
          along: inner > 1 ? 'middle' : 'last',
          ties: node.attributes.select_last_index === 1 ? 'last' : 'first',
        },
      },
      bindings,
      sizes: { rows },
      flops: times(rows, columns * inner),
    };
  },
});
