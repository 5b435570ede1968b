import { times } from '@tilewright/kernels';
import { bytesOf } from './linear.ts';
import { dimensionOf, dtypesOf, type Lower, staticSize } from './lowering.ts';

/** Queries up to this many are split over the keys instead of tiled. */
const fewQueries = 8;

export const lowerAttention: Lower = (node, context) => {
  const { graph } = context;
  const { heads, kvHeads } = node.attributes as Record<string, number>;
  const queries = dimensionOf(graph, node.inputs.q!, 0);
  const capacity = staticSize(graph, node.inputs.key!, 1);
  const headSize = staticSize(graph, node.inputs.key!, 2);
  const valueSize = staticSize(graph, node.inputs.value!, 2);
  const bindings = {
    q: node.inputs.q!,
    k: node.inputs.key!,
    v: node.inputs.value!,
    lengths: node.inputs.lengths!,
    y: node.outputs.y!,
  };
  const keys = String(node.attributes.keys);
  const few = context.planned(queries) <= fewQueries;
  return {
    kernels: few ? ['decode-attention', 'flash-attention'] : ['flash-attention', 'decode-attention'],
    problem: {
      axes: {
        batch: 1,
        queries: context.planned(queries),
        keys: capacity,
        heads: heads!,
        kv_heads: kvHeads!,
        head_size: headSize,
        value_size: valueSize,
      },
      dtypes: dtypesOf(graph, bindings),
      options: { causal: true, lengths: true },
      ...(typeof node.attributes.scale === 'number' && { scalars: { scale: node.attributes.scale } }),
    },
    bindings,
    sizes: { batch: 1, queries, keys: capacity },
    addressedBytes: {
      k: times(keys, kvHeads! * headSize * bytesOf(graph, node.inputs.key!)),
      v: times(keys, kvHeads! * valueSize * bytesOf(graph, node.inputs.value!)),
    },
    flops: times(times(queries, keys), 2 * heads! * (headSize + valueSize)),
  };
};

export const lowerRotaryEmbedding: Lower = (node, context) => {
  const { graph } = context;
  const tokens = dimensionOf(graph, node.inputs.x!, 0);
  const width = staticSize(graph, node.inputs.x!, 1);
  const heads = Number(node.attributes.heads);
  const rotary = 2 * staticSize(graph, node.inputs.table!, 1);
  const bindings = {
    x: node.inputs.x!,
    cos_sin: node.inputs.table!,
    positions: node.inputs.positions!,
    y: node.outputs.y!,
  };
  return {
    kernels: ['rope'],
    problem: {
      axes: {
        batch: 1,
        tokens: context.planned(tokens),
        heads,
        head_size: width / heads,
        half: rotary / 2,
        table_rows: staticSize(graph, node.inputs.table!, 0),
        pair: 2,
        columns: 2,
      },
      dtypes: dtypesOf(graph, bindings),
    },
    bindings,
    sizes: { batch: 1, tokens, table_rows: staticSize(graph, node.inputs.table!, 0) },
    addressedBytes: { cos_sin: times(tokens, rotary * 4) },
    flops: times(tokens, 3 * heads * rotary),
  };
};

export const lowerTensorScatter: Lower = (node, context) => {
  const { graph } = context;
  const [kvHeads, capacity, headSize] = graph.values[node.inputs.past!]!.shape as [number, number, number];
  const tokens = dimensionOf(graph, node.inputs.update!, 0);
  const bindings = {
    update: node.inputs.update!,
    positions: node.inputs.positions!,
    cache: node.outputs.present!,
  };
  return {
    kernels: ['cache-write'],
    problem: {
      axes: {
        batch: 1,
        outer: kvHeads,
        tokens: context.planned(tokens),
        capacity,
        inner: headSize,
        pair: 2,
      },
      dtypes: dtypesOf(graph, bindings),
      options: { places: 'tokens', in_place: true },
    },
    bindings,
    sizes: { batch: 1, tokens },
    addressedBytes: { cache: times(tokens, kvHeads * headSize * bytesOf(graph, node.inputs.past!)) },
    flops: 0,
  };
};
