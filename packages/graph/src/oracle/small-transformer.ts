// A transformer of two blocks, small enough for the f64 oracle and with every pattern the rules look for. For tests.
import { type HostTensor, normalStream } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { graphBuilder } from '../builder.ts';
import { contiguous } from '../caches/contiguous.ts';
import type { Graph } from '../ir.ts';
import { cachedAttention } from '../operators/attention/cached-attention.ts';
import { rotaryEmbedding } from '../operators/attention/rotary-embedding.ts';
import { appendCache } from '../operators/cache/append-cache.ts';
import { packedSequences } from '../operators/sequences/sequences.ts';
import { sequencePlaces } from '../operators/sequences/sequence-places.ts';
import { rmsNormalization } from '../operators/normalization/rms-normalization.ts';
import { add as addOperator } from '../operators/pointwise/add.ts';
import { swiGlu } from '../operators/pointwise/swi-glu.ts';
import { gather } from '../operators/shape/gather.ts';
import { sample, samplerNumbers } from '../operators/tokens/sample.ts';

import { buildProduct } from './build-product.ts';

export interface SmallTransformer {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, HostTensor>;
  /** Inputs of a step of `tokens` tokens that start at position `start`. */
  readonly step: (tokens: number, start: number) => Record<string, Uint32Array>;
}

const evenSizes = {
  hidden: 16,
  heads: 4,
  kvHeads: 2,
  headSize: 8,
  inner: 20,
  vocabulary: 24,
  capacity: 12,
};

/** Nothing here is a multiple of a tile, and quads do not fit everywhere. */
export const oddSizes: typeof evenSizes = {
  hidden: 20,
  heads: 5,
  kvHeads: 1,
  headSize: 4,
  inner: 28,
  vocabulary: 37,
  capacity: 13,
};

export function smallTransformer(
  options: { readonly tied?: boolean; readonly biased?: boolean; readonly sizes?: typeof evenSizes } = {},
): SmallTransformer {
  const { hidden, heads, kvHeads, headSize, inner, vocabulary, capacity } = options.sizes ?? evenSizes;
  const shapes = new Map<string, readonly number[]>();
  const g = graphBuilder({ tokens: { max: 12 }, keys: { max: capacity } });
  const weight = (name: string, shape: readonly number[]): string => {
    shapes.set(name, shape);
    return g.weight(name, shape);
  };
  const ids = g.input('ids', 'u32', [1, 'tokens']);
  const sequences = g.input('sequences', 'u32', [2, 2]);
  const { positions } = g.node(
    sequencePlaces,
    { sequences },
    { tokens: 'tokens', positions: capacity },
    'places',
  );
  const angles = (of: (angle: number) => number): Float32Array =>
    Float32Array.from({ length: (capacity * headSize) / 2 }, (_, i) => {
      const pair = i % (headSize / 2);
      return of(Math.floor((2 * i) / headSize) / 100 ** ((2 * pair) / headSize));
    });
  const shape = [capacity, headSize / 2];
  const [cosine, sine] = [
    g.constant('cos', shape, angles(Math.cos)),
    g.constant('sin', shape, angles(Math.sin)),
  ];
  const embedding = weight('embed', [vocabulary, hidden]);
  const linear = (x: string, name: string, shape: readonly [number, number]): string =>
    buildProduct(g, x, weight(`${name}.weight`, shape), name);
  /** As Qwen 2 has them: biases of queries, keys and values. */
  const projection = (x: string, name: string, shape: readonly [number, number]): string => {
    const A = linear(x, name, shape);
    if (!options.biased) return A;
    return g.node(addOperator, { A, B: weight(`${name}.bias`, shape.slice(0, 1)) }, {}, `${name}.biased`).C!;
  };
  const norm = (x: string, name: string): string =>
    g.node(rmsNormalization, { X: x, scale: weight(`${name}.weight`, [hidden]) }, { epsilon: 1e-5 }, name).Y!;

  const add = (x: string, residual: string): string => g.node(addOperator, { A: x, B: residual }).C!;

  let x = g.node(gather, { data: embedding, indices: ids }, {}, 'embedding').output!;
  const states: Record<string, string> = {};
  for (const layer of [0, 1]) {
    const h = norm(x, `${layer}.norm`);
    const q = projection(h, `${layer}.q_proj`, [heads * headSize, hidden]);
    const k = projection(h, `${layer}.k_proj`, [kvHeads * headSize, hidden]);
    const v = projection(h, `${layer}.v_proj`, [kvHeads * headSize, hidden]);
    const turned = (X: string, count: number): string =>
      g.node(
        rotaryEmbedding,
        { X, cos_cache: cosine, sin_cache: sine, position_ids: positions },
        { num_heads: count },
      ).Y!;
    const past = g.cache(`${layer}.cache`, 'f32', [1, kvHeads, capacity, 2 * headSize], {
      format: contiguous,
      keySize: headSize,
      chunk: capacity,
    });
    const cache = g.node(appendCache, { cache: past, K: turned(k, kvHeads), V: v, sequences }).present!;
    states[past] = cache;
    const attended = g.node(
      cachedAttention,
      { Q: turned(q, heads), cache, sequences },
      { q_num_heads: heads, keys: 'keys' },
    ).Y!;
    const projected = linear(attended, `${layer}.o_proj`, [hidden, heads * headSize]);
    x = add(projected, x);
    const m = norm(x, `${layer}.mlp_norm`);
    const gate = linear(m, `${layer}.gate_proj`, [inner, hidden]);
    const up = linear(m, `${layer}.up_proj`, [inner, hidden]);
    const down = linear(g.node(swiGlu, { A: gate, B: up }).Y!, `${layer}.down_proj`, [hidden, inner]);
    x = add(down, x);
  }
  const last = norm(x, 'last_norm');
  const head = options.tied ? embedding : weight('head', [vocabulary, hidden]);
  const logits = buildProduct(g, last, head, 'logits');
  const token = g.node(sample, { logits, ...samplerNumbers(g) }, {}, 'token').ids!;

  const weights = new Map<string, HostTensor>();
  let seed = 1;
  for (const [name, shape] of shapes) {
    const normal = normalStream(seed++);
    const scale = shape.length === 1 ? 1 : 1 / Math.sqrt(shape[1]!);
    const count = shape.reduce((product, size) => product * size, 1);
    weights.set(
      name,
      packDense(
        Float32Array.from({ length: count }, () => normal() * scale),
        shape,
        'f32',
      ),
    );
  }
  return {
    graph: g.finish({ outputs: [logits, token], states }),
    weights,
    step: (tokens, start) => ({
      ids: Uint32Array.from({ length: tokens }, (_, i) => (7 * (start + i) + 3) % vocabulary),
      sequences: packedSequences([{ tokens, before: start }]),
    }),
  };
}
