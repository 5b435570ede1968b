import { topK as topKKernel } from '@tilewright/kernels/top-k';
import { productOf } from '../../extent/index.ts';
import type { InferContext, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { neg } from '../pointwise/neg.ts';
import { dtypesOf, staticSize } from '../requests.ts';
import { knownNumbers } from '../shape/known.ts';
import { transpose } from '../shape/transpose.ts';
import { axisOf, badNode, elementType } from '../shapes.ts';

interface TopKAttributes {
  readonly axis: number;
  readonly k: number | null;
  readonly largest: number;
}

/**
 * Values, Indices = the K largest or smallest elements along an axis, in that order, and where they are.
 *
 * ONNX `TopK` (opset 24) of f32: u32 indices, the lowest first among equals. K is known while a graph is built, or the attribute of opset
 * 1. NaN counts as larger than infinity, and of the smallest as smaller than minus infinity.
 */
export const topK: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'TopK',
  inputs: [
    { name: 'X', kind: 'required' },
    { name: 'K', kind: 'optional', known: true },
  ],
  attributes: {
    axis: { type: 'integer', default: -1 },
    k: { type: 'integer', default: null },
    largest: { type: 'integer', default: 1, choices: [0, 1] },
    // What need not be sorted may be.
    sorted: { type: 'integer', default: 1, choices: [0, 1] },
  },
  infer: (context) => {
    const { inputs, subject, attributes } = context;
    elementType(subject, 'X', inputs.X!, ['f32']);
    const { shape } = inputs.X!;
    const axis = axisOf(subject, attributes.axis, shape.length);
    const taken = shape.with(axis, countOf(context, axis));
    return { Values: { dtype: 'f32', shape: taken }, Indices: { dtype: 'u32', shape: taken } };
  },
  /** The kernel finds the largest of rows: other axes are turned there and back, the smallest are the largest of the opposites. */
  expand: (node, { values }) => {
    const { attributes } = node as Node<TopKAttributes>;
    const rank = values[node.inputs.X!]!.shape.length;
    const axis = axisOf(node.name, attributes.axis, rank);
    const isLast = axis === rank - 1;
    if (isLast && attributes.largest === 1) return undefined;
    const nodes: Node[] = [];
    const put = (
      operator: Operator,
      role: string,
      from: string,
      to: string,
      into: string,
      more = {},
    ): string => {
      nodes.push({
        name: `${into} of ${operator.name}`,
        operator,
        inputs: { [role]: from },
        outputs: { [to]: into },
        attributes: more,
      });
      return into;
    };
    const perm = [...Array.from({ length: rank }, (_, i) => i).filter((each) => each !== axis), axis];
    const back = perm.map((_, i) => perm.indexOf(i));
    let x = node.inputs.X!;
    if (!isLast) x = put(transpose, 'data', x, 'transposed', `${node.name}.turned`, { perm });
    if (attributes.largest === 0) x = put(neg, 'X', x, 'Y', `${node.name}.opposite`);
    const inner = (role: string): string => `${node.name}.${role}`;
    nodes.push({
      name: node.name,
      operator: node.operator,
      inputs: { ...node.inputs, X: x },
      outputs: { Values: inner('values'), Indices: inner('indices') },
      attributes: { axis: -1, largest: 1, k: attributes.k },
    });
    const results = { Values: inner('values'), Indices: inner('indices') };
    if (attributes.largest === 0)
      results.Values = put(neg, 'X', results.Values, 'Y', `${node.name}.smallest`);
    const ends: [string, string | undefined][] = [
      [results.Values, node.outputs.Values],
      [results.Indices, node.outputs.Indices],
    ];
    for (const [from, into] of ends)
      if (into !== undefined && !isLast) put(transpose, 'data', from, 'transposed', into, { perm: back });
    if (!isLast) return nodes;
    // What makes the results gives them their names.
    const names = new Map(ends.filter((end): end is [string, string] => end[1] !== undefined));
    return nodes.map((each) => ({
      ...each,
      outputs: Object.fromEntries(
        Object.entries(each.outputs).map(([role, value]) => [role, names.get(value) ?? value]),
      ),
    }));
  },
  lower: (node, context) => {
    const X = node.inputs.X!;
    const k = staticSize(context, node.outputs.Values!, -1);
    const columns = staticSize(context, X, -1);
    const rows = productOf(context.extents, ...context.values[X]!.shape.slice(0, -1));
    const bindings = { x: X, values: node.outputs.Values!, ids: node.outputs.Indices! };
    return {
      kernels: [topKKernel],
      problem: {
        axes: { rows: context.planned(rows), columns, k },
        dtypes: dtypesOf(context, { x: X }),
      },
      bindings,
      sizes: { rows },
      flops: productOf(context.extents, rows, columns),
    };
  },
});

/** How many are wanted: one number from 1 to the size of the axis. Throws `bad-graph`. */
function countOf(context: InferContext<TopKAttributes>, axis: number): number {
  const { subject, inputs, attributes } = context;
  if ((inputs.K === undefined) === (attributes.k === null))
    throw badNode(
      subject,
      `'K' is ${inputs.K ? 'an input and an attribute' : 'neither an input nor an attribute'}`,
      'it is one of them',
    );
  const [k, ...more] = attributes.k === null ? knownNumbers(context, 'K')! : [attributes.k];
  const size = inputs.X!.shape[axis];
  if (Number.isSafeInteger(k) && k! > 0 && more.length === 0 && !(typeof size === 'number' && k! > size))
    return k!;
  throw badNode(
    subject,
    `'K' is ${[k, ...more].join(', ')}`,
    'it must be one number, from 1 to the size of the axis',
  );
}
