import { reduce } from '@tilewright/kernels/reduce';
import { productOf } from '../../extent/index.ts';
import type { UniformType } from '@tilewright/kernels';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { movedTypes } from '../shape/moved-types.ts';
import { integers } from '../elements/element-types.ts';
import { computedType, mapRequest } from '../elements/map-request.ts';
import { elementType, staticCount } from '../shapes.ts';

/**
 * The axes from `from` to before `to` reduced to one place; then without the axes in `dropped`, all of which have one place. What
 * ONNX's reductions are made of.
 */
export const reduceAxes: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'ReduceAxes',
  // reduced = the sum, mean, largest or smallest, sum of squares, or product of data along neighbouring axes
  inputs: [{ name: 'data', kind: 'required' }],
  attributes: {
    operation: { type: 'string', choices: ['sum', 'mean', 'max', 'min', 'sum-of-squares', 'product'] },
    from: { type: 'integer' },
    to: { type: 'integer' },
    dropped: { type: 'integers' },
  },
  infer: ({ subject, inputs, attributes }) => {
    elementType(subject, 'data', inputs.data!, ['f32', ...integers]);
    const { from, to, dropped } = attributes;
    const shape = inputs.data!.shape.map((size, axis) => (axis >= from && axis < to ? 1 : size));
    return {
      reduced: { dtype: inputs.data!.dtype, shape: shape.filter((_, axis) => !dropped.includes(axis)) },
    };
  },
  lower: (node, context) => {
    const { from, to } = node.attributes;
    const operation = node.attributes.operation as keyof typeof ofNothing;
    const { shape, dtype } = context.values[node.inputs.data!]!;
    if (shape.slice(from, to).includes(0))
      return mapRequest(
        node,
        'reduced',
        { id: operation, operands: {}, wgsl: ofNothing[operation](computedType(dtype)) },
        context,
      );
    const length = staticCount(node.name, 'data', shape.slice(from, to));
    const inner = staticCount(node.name, 'data', shape.slice(to));
    const outer = productOf(context.extents, ...shape.slice(0, from));
    const bindings = { x: node.inputs.data!, y: node.outputs.reduced! };
    return {
      kernels: [reduce],
      problem: {
        axes: { outer: context.planned(outer), length, inner },
        dtypes: movedTypes(node.name, bindings, context),
        options: { operation },
      },
      bindings,
      sizes: { outer },
      flops: productOf(context.extents, outer, 2 * length * inner),
    };
  },
});

/** What no elements come to, as WGSL writes it; infinity is no constant there. */
const extreme = (type: UniformType, bits: string, integer: string): string =>
  type === 'f32' ? `var bits = ${bits}; return bitcast<f32>(bits);` : `return ${type}(${integer});`;
const ofNothing: Readonly<
  Record<'sum' | 'mean' | 'max' | 'min' | 'sum-of-squares' | 'product', (type: UniformType) => string>
> = {
  sum: (type) => `return ${type}();`,
  'sum-of-squares': (type) => `return ${type}();`,
  product: (type) => `return ${type}(1);`,
  mean: (type) => extreme(type, '0x7fc00000u', '0'),
  max: (type) => extreme(type, '0xff800000u', type === 'i32' ? '-2147483647 - 1' : '0'),
  min: (type) => extreme(type, '0x7f800000u', type === 'i32' ? '2147483647' : '4294967295u'),
};
