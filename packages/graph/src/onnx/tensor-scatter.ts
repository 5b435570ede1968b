import { times } from '@tilewright/kernels';
import type { Node, ValueType } from '../ir.ts';
import { dtypesOf, type Lower } from '../lowering/lowering.ts';
import { badNode, type InferContext, type Operator, sameDimension } from '../operators/operator.ts';
import type { Rule } from '../rewrite.ts';
import { attributesOf, oneOf } from './attributes.ts';
import { axisOf, elementType, floats, staticCount } from './shape.ts';

const defaults = { axis: -2, mode: 'linear' } as const;

function inferScatter(context: InferContext): Readonly<Record<string, ValueType>> {
  const { subject, inputs } = context;
  const past = inputs.past_cache!;
  const update = inputs.update!;
  const { axis: given, mode } = attributesOf(context, defaults);
  oneOf(subject, 'mode', mode, ['linear', 'circular']);
  elementType(subject, 'past_cache', past, floats);
  elementType(subject, 'update', update, [past.dtype]);
  const axis = axisOf(subject, given, past.shape.length);
  if (axis === 0) throw badNode(subject, "the attribute 'axis' is that of the batch", 'it must be another');
  if (update.shape.length !== past.shape.length)
    throw badNode(
      subject,
      `'update' has shape [${update.shape.join(', ')}]`,
      `it must have the ${past.shape.length} dimensions of 'past_cache'`,
    );
  past.shape.forEach((size, i) => {
    if (i !== axis) sameDimension(subject, `dimension ${i} of 'update'`, update.shape[i], size);
  });
  const starts = inputs.write_indices;
  if (starts) elementType(subject, 'write_indices', starts, ['u32']);
  if (starts && starts.shape.join() !== String(past.shape[0]))
    throw badNode(
      subject,
      `'write_indices' has shape [${starts.shape.join(', ')}]`,
      `it must be [${past.shape[0]}], an index for each batch row`,
    );
  return { present_cache: past };
}

/**
 * ONNX `TensorScatter` (opset 24): the update written along `axis` at each batch row's `write_indices` (u32, default 0), in
 * `circular` mode on from the start again. Rows beyond the cache are left out.
 */
export const tensorScatter: Operator = {
  name: 'TensorScatter',
  summary: 'present_cache = past_cache with the update written at its indices',
  inputs: ['past_cache', 'update', 'write_indices?'],
  infer: inferScatter,
};

/** The same where the cache is a state, which takes the rows in place. */
export const scatterInPlace: Operator = {
  ...tensorScatter,
  name: 'ScatterInPlace',
  inPlace: { present_cache: 'past_cache' },
};

/** A cache that is a state, or what became of one, is written in place. */
export const scatterStates: Rule = {
  name: 'scatter-states',
  apply(node, graph, index) {
    if (node.op !== 'TensorScatter') return undefined;
    const past = node.inputs.past_cache!;
    const isState = Object.values(graph.states).some(({ initial }) => initial === past);
    if (!isState && index.producer.get(past)?.op !== 'ScatterInPlace') return undefined;
    return { remove: [node], add: [{ ...node, op: 'ScatterInPlace' }] };
  },
};

export const lowerTensorScatter: Lower = (node: Node, context) => {
  const { graph } = context;
  const { shape } = graph.values[node.inputs.past_cache!]!;
  const { axis: given, mode } = attributesOf({ subject: node.name, attributes: node.attributes }, defaults);
  const axis = axisOf(node.name, given, shape.length);
  const [outer, capacity, inner] = [
    shape.slice(1, axis),
    shape.slice(axis, axis + 1),
    shape.slice(axis + 1),
  ].map((part) => staticCount(node.name, 'past_cache', part)) as [number, number, number];
  const tokens = graph.values[node.inputs.update!]!.shape[axis]!;
  const inPlace = node.op === 'ScatterInPlace';
  const starts = node.inputs.write_indices;
  const bindings: Record<string, string> = {
    ...(!inPlace && { past: node.inputs.past_cache! }),
    update: node.inputs.update!,
    ...(starts && { starts }),
    cache: node.outputs.present_cache!,
  };
  const bytes = graph.values[node.inputs.past_cache!]!.dtype === 'f16' ? 2 : 4;
  const batch = shape[0]!;
  return {
    kernels: ['cache-write'],
    problem: {
      axes: { batch: context.planned(batch), outer, tokens: context.planned(tokens), capacity, inner },
      dtypes: dtypesOf(graph, bindings),
      options: {
        places: starts === undefined ? 'first' : 'starts',
        circular: mode === 'circular',
        in_place: inPlace,
      },
    },
    bindings,
    sizes: { batch, tokens },
    ...(inPlace && { addressedBytes: { cache: times(times(batch, tokens), outer * inner * bytes) } }),
    flops: 0,
  };
};
