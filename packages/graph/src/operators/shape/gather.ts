import { type Extent, times } from '@tilewright/kernels';
import { embedding } from '@tilewright/kernels/embedding';
import type { WeightFormat } from '@tilewright/kernels/weights';
import { formatBytes } from '@tilewright/kernels/weights/unchecked';
import { dense } from '@tilewright/kernels/weights/dense';
import { foldGather } from '../../extent/fold.ts';
import { productOf } from '../../extent/index.ts';
import type { KernelRequest, LoweringContext, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { withKnown } from '../pointwise/with-known.ts';
import { dtypesOf } from '../requests.ts';
import { knownOf } from '../shape/known.ts';
import { axisOf, badNode, elementType, floats, numbersOf, rank, staticCount } from '../shapes.ts';

/**
 * output = data at the indices along an axis.
 *
 * ONNX `Gather` (opset 13) of f32, f16, and weights in any format with rows (those along axis 0); indices of any rank, u32, or i32
 * that may count from the end. Indices beyond the axis give zeros.
 */
export const gather: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Gather',
  inputs: [
    { name: 'data', kind: 'required' },
    { name: 'indices', kind: 'required' },
  ],
  attributes: { axis: { type: 'integer', default: 0 } },
  infer: ({ subject, inputs, attributes }) => {
    const { data, indices } = inputs;
    elementType(subject, 'data', data!, floats);
    elementType(subject, 'indices', indices!, ['u32', 'i32']);
    const axis = axisOf(subject, attributes.axis, data!.shape.length);
    return { output: { dtype: data!.dtype, shape: data!.shape.toSpliced(axis, 1, ...indices!.shape) } };
  },
  lower: (node, context) => {
    const { data, indices } = node.inputs as Record<'data' | 'indices', string>;
    const { shape, dtype } = context.values[data]!;
    const axis = axisOf(node.name, node.attributes.axis, shape.length);
    const isWeight = context.weights[data] !== undefined;
    if (isWeight && (axis !== 0 || shape.length > 2))
      throw badNode(node.name, `it gathers along axis ${axis} of a weight`, 'rows of a weight are gathered');
    const [vocab, rows, hidden] = [
      shape.slice(0, axis + 1),
      shape.slice(axis, axis + 1),
      shape.slice(axis + 1),
    ].map((part) => staticCount(node.name, 'data', part)) as [number, number, number];
    const count = productOf(context.extents, ...context.values[indices]!.shape);
    const tokens = times(count, vocab / rows);
    const format = isWeight ? context.formatOf(data) : dense(dtype === 'f16' ? 'f16' : 'f32');
    const slabs = axis > 0 || context.values[indices]!.dtype === 'i32';
    const request = gatherRequest(node, context, { tokens, vocab, hidden, format });
    if (!slabs) return request;
    const { problem, sizes } = request;
    return {
      ...request,
      problem: {
        ...problem,
        axes: { ...problem.axes, indices: context.planned(count) },
        options: { indexed: 'slabs', slab_rows: rows },
      },
      sizes: { ...sizes, indices: count },
    };
  },
});

/**
 * The same operator for rows of a stored weight `[rows, columns]`, in any format, by u32 numbers: what embeds tokens, without slabs and
 * numbers that count from the end.
 */
export const gatherRowsOfWeight: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Gather',
  inputs: [
    { name: 'data', kind: 'required' },
    { name: 'indices', kind: 'required' },
  ],
  attributes: { axis: { type: 'integer', default: 0, choices: [0] } },
  infer: ({ subject, inputs }) => {
    const { data, indices } = inputs;
    rank(subject, 'data', data!, 2);
    elementType(subject, 'indices', indices!, ['u32']);
    return { output: { dtype: data!.dtype, shape: [...indices!.shape, data!.shape[1]!] } };
  },
  lower: (node, context) => {
    const { data, indices } = node.inputs as Record<'data' | 'indices', string>;
    if (!context.weights[data]) throw badNode(node.name, `'${data}' is no weight`, 'build it with `gather`');
    const [vocab, hidden] = numbersOf(node.name, 'data', context.values[data]!.shape) as [number, number];
    const tokens = productOf(context.extents, ...context.values[indices]!.shape);
    return gatherRequest(node, context, { tokens, vocab, hidden, format: context.formatOf(data) });
  },
});

interface Gathered {
  readonly tokens: Extent;
  readonly vocab: number;
  readonly hidden: number;
  readonly format: WeightFormat;
}

function gatherRequest(
  { inputs, outputs }: Node,
  context: LoweringContext,
  { tokens, vocab, hidden, format }: Gathered,
): KernelRequest {
  const y = outputs.output!;
  return {
    kernels: [embedding],
    problem: {
      axes: { tokens: context.planned(tokens), vocab, hidden },
      formats: { table: format },
      dtypes: dtypesOf(context, { y }),
    },
    bindings: { table: inputs.data!, ids: inputs.indices!, y },
    sizes: { tokens },
    addressedBytes: { table: times(tokens, Math.ceil(formatBytes(format, [vocab, hidden]) / vocab)) },
    flops: 0,
  };
}

/** The same of sizes, too: integers that are known while a graph is built, at indices that are known. */
export const gatherWithFold: Operator = /* @__PURE__ */ withKnown(gather, {
  output: 'output',
  shape: ({ subject, inputs, attributes }) => {
    const { shape } = inputs.data!;
    return shape.toSpliced(
      axisOf(subject, Number(attributes.axis), shape.length),
      1,
      ...inputs.indices!.shape,
    );
  },
  elements: (context) => {
    const [data, indices] = [knownOf(context, 'data')!, knownOf(context, 'indices')!];
    return foldGather(
      data,
      indices,
      axisOf(context.subject, Number(context.attributes.axis), data.shape.length),
    );
  },
});
