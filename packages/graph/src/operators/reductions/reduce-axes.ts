import { reduce } from '@tilewright/kernels/reduce';
import { productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { elementType, staticCount } from '../shapes.ts';

/**
 * The axes from `from` to before `to` reduced to one place; then without the axes in `dropped`, all of which have one place. What
 * ONNX's reductions are made of.
 */
export const reduceAxes: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'ReduceAxes',
  // reduced = the sum, mean, largest or smallest, or sum of squares of data along neighbouring axes
  inputs: [{ name: 'data', kind: 'required' }],
  attributes: {
    operation: { type: 'string', choices: ['sum', 'mean', 'max', 'min', 'sum-of-squares'] },
    from: { type: 'integer' },
    to: { type: 'integer' },
    dropped: { type: 'integers' },
  },
  infer: ({ subject, inputs, attributes }) => {
    elementType(subject, 'data', inputs.data!, ['f32']);
    const { from, to, dropped } = attributes;
    const shape = inputs.data!.shape.map((size, axis) => (axis >= from && axis < to ? 1 : size));
    return { reduced: { dtype: 'f32', shape: shape.filter((_, axis) => !dropped.includes(axis)) } };
  },
  lower: (node, context) => {
    const { from, to, operation } = node.attributes;
    const { shape } = context.values[node.inputs.data!]!;
    const length = staticCount(node.name, 'data', shape.slice(from, to));
    const inner = staticCount(node.name, 'data', shape.slice(to));
    const outer = productOf(context.extents, ...shape.slice(0, from));
    const bindings = { x: node.inputs.data!, y: node.outputs.reduced! };
    return {
      kernels: [reduce],
      problem: {
        axes: { outer: context.planned(outer), length, inner },
        dtypes: dtypesOf(context, { x: bindings.x }),
        options: { operation },
      },
      bindings,
      sizes: { outer },
      flops: productOf(context.extents, outer, 2 * length * inner),
    };
  },
});
