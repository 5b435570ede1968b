import { times } from '@tilewright/kernels';
import { cacheWrite } from '@tilewright/kernels/cache-write';
import type { InferContext, KernelRequest, LoweringContext, Node, Operator, ValueType } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, elementBytes } from '../requests.ts';
import { printShape } from '../../extent/index.ts';
import { axisOf, badNode, elementType, floats, sameShape, sameSize, staticCount } from '../shapes.ts';

interface ScatterAttributes {
  readonly axis: number;
  readonly mode: string;
}

/**
 * ONNX `TensorScatter` (opset 24): the update written along `axis` at each batch row's `write_indices` (u32, default 0), in
 * `circular` mode on from the start again. Rows beyond the cache are left out. A cache that is a state, or what became of
 * one, is written in place; another is copied.
 */
export const tensorScatter: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'TensorScatter',
  // present_cache = past_cache with the update written at its indices
  inputs: [
    { name: 'past_cache', kind: 'required' },
    { name: 'update', kind: 'required' },
    { name: 'write_indices', kind: 'optional' },
  ],
  attributes: {
    axis: { type: 'integer', default: -2 },
    mode: { type: 'string', default: 'linear', choices: ['linear', 'circular'] },
  },
  successors: { present_cache: 'past_cache' },
  infer: (context) => scatterTypes(context),
  lower: (node, context) => scatterRequest(node, context, context.aliases.has(node.outputs.present_cache!)),
});

/** The type of the cache after a write. Throws `bad-graph` for an update that does not fit. */
function scatterTypes(context: InferContext<ScatterAttributes>): Readonly<Record<string, ValueType>> {
  const { subject, inputs, attributes } = context;
  const past = inputs.past_cache!;
  const update = inputs.update!;
  elementType(subject, 'past_cache', past, floats);
  elementType(subject, 'update', update, [past.dtype]);
  const axis = axisOf(subject, attributes.axis, past.shape.length);
  if (axis === 0) throw badNode(subject, "the attribute 'axis' is that of the batch", 'it must be another');
  if (update.shape.length !== past.shape.length)
    throw badNode(
      subject,
      `'update' has shape ${printShape(update.shape)}`,
      `it must have the ${past.shape.length} dimensions of 'past_cache'`,
    );
  past.shape.forEach((size, i) => {
    if (i !== axis) sameSize(context, `dimension ${i} of 'update'`, update.shape[i], size);
  });
  const starts = inputs.write_indices;
  if (starts) elementType(subject, 'write_indices', starts, ['u32']);
  if (starts && !sameShape(context, starts.shape, past.shape.slice(0, 1)))
    throw badNode(
      subject,
      `'write_indices' has shape ${printShape(starts.shape)}`,
      `it must be ${printShape(past.shape.slice(0, 1))}, an index for each batch row`,
    );
  return { present_cache: past };
}

function scatterRequest(
  node: Node<ScatterAttributes>,
  context: LoweringContext,
  inPlace: boolean,
): KernelRequest {
  const { shape } = context.values[node.inputs.past_cache!]!;
  const axis = axisOf(node.name, node.attributes.axis, shape.length);
  const [outer, capacity, inner] = [
    shape.slice(1, axis),
    shape.slice(axis, axis + 1),
    shape.slice(axis + 1),
  ].map((part) => staticCount(node.name, 'past_cache', part)) as [number, number, number];
  const tokens = context.values[node.inputs.update!]!.shape[axis]!;
  const starts = node.inputs.write_indices;
  const bindings: Record<string, string> = {
    ...(!inPlace && { past: node.inputs.past_cache! }),
    update: node.inputs.update!,
    ...(starts && { starts }),
    cache: node.outputs.present_cache!,
  };
  const bytes = elementBytes(context, node.inputs.past_cache!);
  const batch = shape[0]!;
  const circular = node.attributes.mode === 'circular';
  return {
    kernels: [cacheWrite],
    problem: {
      axes: {
        batch: context.planned(batch),
        outer,
        tokens: context.planned(tokens),
        capacity,
        inner,
      },
      dtypes: dtypesOf(context, bindings),
      options: { places: starts === undefined ? 'first' : 'starts', circular, in_place: inPlace },
    },
    bindings,
    sizes: { batch, tokens },
    ...(inPlace && {
      addressedBytes: {
        cache: times(times(batch, tokens), outer * inner * bytes),
      },
    }),
    flops: 0,
  };
}
