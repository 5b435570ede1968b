import { concat as concatKernel } from '@tilewright/kernels/concat';
import { foldConcat } from '../../extent/fold.ts';
import { factorOf, printShape, productOf, quotientOf, sumOf } from '../../extent/index.ts';
import type { InferContext, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { axisOf, badNode, elementType, inferredContext, sameSize } from '../shapes.ts';
import { identity } from './identity.ts';
import { knownOf } from './known.ts';
import { movedTypes } from './moved-types.ts';

/** ONNX `Concat` (opset 13): its inputs one after the other along an axis, which may have no places. */
export const concat: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Concat',
  // concat_result = inputs, one after the other along an axis
  inputs: [{ name: 'inputs', kind: 'variadic' }],
  attributes: { axis: { type: 'integer' } },
  infer: (context) => {
    const { subject, inputs, attributes, extents } = context;
    const [first, ...others] = Object.entries(inputs);
    if (!first) throw badNode(subject, 'it has no inputs', 'there must be one');
    const [, { dtype, shape }] = first;
    const axis = axisOf(subject, attributes.axis, shape.length);
    for (const [role, type] of others) {
      elementType(subject, role, type, [dtype]);
      if (type.shape.length !== shape.length)
        throw badNode(
          subject,
          `'${role}' has shape ${printShape(type.shape)}`,
          `it must have ${shape.length} dimensions`,
        );
      type.shape.forEach((size, i) => {
        if (i !== axis) sameSize(context, `the size of axis ${i} of '${role}'`, size, shape[i]);
      });
    }
    const length = sumOf(extents, ...Object.values(inputs).map((type) => type.shape[axis]!));
    return { concat_result: { dtype, shape: shape.with(axis, length) } };
  },
  fold: (context) => {
    const parts = Object.keys(context.inputs).map((role) => knownOf(context, role));
    const axis = axisOf(
      context.subject,
      context.attributes.axis,
      Object.values(context.inputs)[0]!.shape.length,
    );
    return { concat_result: parts.every((part) => part !== undefined) ? foldConcat(parts, axis) : undefined };
  },
  /** One part is all there is; more than two are joined by halves, so that each element moves a few times at most. */
  expand: (node, { values }) => {
    const all = Object.entries(node.inputs);
    const full = all.filter(([, value]) => !values[value]!.shape.includes(0));
    const roles = (full.length > 0 ? full : all).map(([role]) => role);
    const whole = node.outputs.concat_result!;
    if (roles.length === 1)
      return [
        {
          name: node.name,
          operator: identity,
          inputs: { input: node.inputs[roles[0]!]! },
          outputs: { output: whole },
          attributes: {},
        },
      ];
    if (roles.length === 2 && all.length === 2) return undefined;
    const half = Math.ceil(roles.length / 2);
    const added: Node[] = [];
    const join = (part: readonly string[], name: string): string => {
      if (part.length === 1) return node.inputs[part[0]!]!;
      const inputs = Object.fromEntries(part.map((role) => [role, node.inputs[role]!]));
      const result = `${node.name}.${name}`;
      added.push({
        name: result,
        operator: node.operator,
        inputs,
        outputs: { concat_result: result },
        attributes: node.attributes,
      });
      return result;
    };
    const [first, second] = [join(roles.slice(0, half), 'first'), join(roles.slice(half), 'second')];
    return [...added, { ...node, inputs: { first, second }, outputs: { concat_result: whole } }];
  },
  lower: (node, context) => {
    const types = inferredContext(node, context);
    const { axis, first, second } = partsOf(types);
    const [one, other] = Object.values(node.inputs) as [string, string];
    const { extents, planned } = context;
    const outer = productOf(extents, ...first.slice(0, axis));
    // What a row is must be a number: what is known to divide all that lies behind the axis.
    const inner = productOf(extents, ...first.slice(axis + 1));
    const size = factorOf(extents, inner) || 1;
    const rowsOf = (length: (typeof first)[number]): (typeof first)[number] =>
      productOf(extents, length, quotientOf(extents, inner, size)!);
    const [firstRows, secondRows] = [rowsOf(first[axis]!), rowsOf(second[axis]!)];
    const bindings = { first: one, second: other, y: node.outputs.concat_result! };
    const rows = {
      first_rows: firstRows,
      second_rows: secondRows,
      rows: sumOf(extents, firstRows, secondRows),
    };
    return {
      kernels: [concatKernel],
      problem: {
        axes: {
          batch: planned(outer),
          heads: 1,
          first_rows: planned(firstRows),
          second_rows: planned(secondRows),
          rows: planned(rows.rows),
          size,
        },
        dtypes: movedTypes(node.name, bindings, context),
      },
      bindings,
      sizes: { batch: outer, ...rows },
      flops: 0,
    };
  },
});

/** The shapes of two parts. */
function partsOf({ subject, inputs, attributes }: InferContext<{ readonly axis: number }>) {
  const [first, second] = Object.values(inputs).map(({ shape }) => shape) as [
    InferContext['inputs'][string]['shape'],
    InferContext['inputs'][string]['shape'],
  ];
  return { axis: axisOf(subject, attributes.axis, first.length), first, second };
}
