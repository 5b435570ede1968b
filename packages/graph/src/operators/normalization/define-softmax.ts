import { times } from '@tilewright/kernels';
import { softmax as softmaxKernel } from '@tilewright/kernels/softmax';
import { productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, plannedCount } from '../requests.ts';
import { axisOf, elementType, floats, staticCount } from '../shapes.ts';

/** Makes softmax or its logarithm, along one axis. Call sites carry a pure annotation. */
export const defineSoftmax = ({
  name,
  logarithm,
}: {
  readonly name: string;
  readonly logarithm: boolean;
}): Operator =>
  defineOperator({
    domain: '',
    name,
    inputs: [{ name: 'input', kind: 'required' }],
    attributes: { axis: { type: 'integer', default: -1 } },
    infer: ({ subject, inputs, attributes }) => {
      elementType(subject, 'input', inputs.input!, floats);
      axisOf(subject, attributes.axis, inputs.input!.shape.length);
      return { output: inputs.input! };
    },
    lower: (node, context) => {
      const { shape } = context.values[node.inputs.input!]!;
      const axis = axisOf(node.name, node.attributes.axis, shape.length);
      const [length, inner] = [shape.slice(axis, axis + 1), shape.slice(axis + 1)].map((part) =>
        staticCount(node.name, 'input', part),
      ) as [number, number];
      const leading = shape.slice(0, axis);
      const planned = plannedCount(leading, context);
      const bindings = { x: node.inputs.input!, y: node.outputs.output! };
      const outer = productOf(context.extents, ...leading);
      return {
        kernels: [softmaxKernel],
        problem: {
          axes: { rows: planned, columns: length, ...(inner > 1 && { inner }) },
          dtypes: dtypesOf(context, bindings),
          options: { log: logarithm, along: inner > 1 ? 'middle' : 'last' },
        },
        bindings,
        sizes: { rows: outer },
        flops: times(outer, 5 * length * inner),
      };
    },
  });
