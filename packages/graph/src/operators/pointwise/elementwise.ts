import { times } from '@tilewright/kernels';
import { elementwise as elementwiseKernel, elementwiseFilling } from '@tilewright/kernels/elementwise';
import type { Operator } from '../../ir.ts';
import { checkOperands } from '../operands.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';
import { badNode, sameRows, sameSize } from '../shapes.ts';
import { pointwiseStep } from './pointwise-step.ts';

/**
 * An expression applied element by element. Operands are the inputs by name; each has the full shape, or is a row
 * vector over the last axis.
 */
export const elementwise: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Elementwise',
  summary: 'y = expression(operands)',
  inputs: [{ name: 'operands', kind: 'variadic' }],
  attributes: { expression: { type: 'expression' } },
  absorption: {
    direction: 'epilogue',
    through: 'any',
    sees: () => 'element',
    expression: (node) => node.attributes.expression,
    step: (node, place, context) => pointwiseStep(node, node.attributes.expression, place, context),
  },
  infer: (context) => {
    const { subject, inputs, attributes } = context;
    checkOperands(subject, attributes.expression, Object.keys(inputs));
    const types = Object.entries(inputs);
    const full = (types.find(([, type]) => type.shape.length > 1) ?? types[0])?.[1];
    if (!full) throw badNode(subject, 'it has no operands', 'its result has the shape of one');
    for (const [name, { shape }] of types) {
      sameSize(context, `the last dimension of '${name}'`, shape.at(-1), full.shape.at(-1));
      if (shape.length > 1) sameRows(context, name, { dtype: 'f32', shape }, full.shape.slice(0, -1));
    }
    return { y: { dtype: 'f32', shape: full.shape } };
  },
  lower: (node, context) => {
    const rows = rowsOf(context, node.outputs.y!);
    const columns = staticSize(context, node.outputs.y!, -1);
    const operands: Record<string, 'full' | 'column'> = {};
    const bindings: Record<string, string> = { y: node.outputs.y! };
    for (const [name, value] of Object.entries(node.inputs)) {
      operands[name] = context.values[value]!.shape.length === 1 ? 'column' : 'full';
      bindings[`compute.${name}`] = value;
    }
    const { expression } = node.attributes;
    return {
      kernels: [elementwiseKernel],
      problem: {
        axes: { rows: context.planned(rows), columns },
        dtypes: dtypesOf(context, bindings),
        slots: {
          compute: elementwiseFilling({ expression, operands, columns }),
        },
      },
      bindings,
      sizes: { rows },
      flops: times(rows, columns),
    };
  },
});
