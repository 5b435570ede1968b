import { normalNumbers } from '@tilewright/kernels';
import type { CaseData, MatchedCase, OurWay } from './matched-case.ts';

const heads = 8;
const size = 64;

interface Shape {
  readonly queries: number;
  readonly keys: number;
}

/** Attention without a mask: as three operators, and as the peer's fused one where queries and keys agree. */
export const attentionCases: readonly MatchedCase[] = [
  ...[
    { queries: 1, keys: 512 },
    ...[16, 64, 128, 256, 512, 1024, 2048].map((tokens) => ({ queries: tokens, keys: tokens })),
  ].map((shape): MatchedCase => ({
    op: 'Attention chain',
    ...describe(shape),
    make: () => chainCase(shape),
  })),
  ...[16, 128, 512].map((tokens): MatchedCase => {
    const shape = { queries: tokens, keys: tokens };
    return { op: 'MultiHeadAttention', ...describe(shape), make: () => fusedCase(shape) };
  }),
];

function describe({ queries, keys }: Shape): Pick<MatchedCase, 'case' | 'flops' | 'tolerance' | 'oracle'> {
  return {
    case: `${heads} heads of ${size}, ${queries} queries, ${keys} keys`,
    flops: heads * queries * keys * (4 * size + 5),
    tolerance: 1e-4,
    oracle: 'flash-attention',
  };
}

interface Drawn {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
}

const drawAll = ({ queries, keys }: Shape): Drawn => ({
  q: normalNumbers(heads * queries * size, 1),
  k: normalNumbers(heads * keys * size, 2),
  v: normalNumbers(heads * keys * size, 3),
});

/** Everything `[1, heads, tokens, size]`. */
function chainCase(shape: Shape): CaseData {
  const { queries, keys } = shape;
  const { q, k, v } = drawAll(shape);
  return {
    graph: {
      nodes: [
        { type: 'MatMul', inputs: ['q', 'k'], outputs: ['products'] },
        { type: 'Mul', inputs: ['products', 'scale'], outputs: ['scores'] },
        { type: 'Softmax', inputs: ['scores'], outputs: ['weights'], attributes: { axis: -1 } },
        { type: 'MatMul', inputs: ['weights', 'v'], outputs: ['y'] },
      ],
      constants: { scale: { shape: [], data: Float32Array.of(1 / Math.sqrt(size)) } },
      inputs: { q: [1, heads, queries, size], k: [1, heads, size, keys], v: [1, heads, keys, size] },
      outputs: { y: [1, heads, queries, size] },
    },
    feeds: { q, k: keysTurned(k, keys), v },
    ...oursOf(shape, { q, k, v }, 'bhsd'),
  };
}

/** Everything `[1, tokens, heads · size]`. */
function fusedCase(shape: Shape): CaseData {
  const { queries, keys } = shape;
  const drawn = drawAll(shape);
  return {
    graph: {
      nodes: [
        {
          type: 'MultiHeadAttention',
          domain: 'com.microsoft',
          inputs: ['q', 'k', 'v'],
          outputs: ['y'],
          attributes: { num_heads: heads },
        },
      ],
      constants: {},
      inputs: { q: [1, queries, heads * size], k: [1, keys, heads * size], v: [1, keys, heads * size] },
      outputs: { y: [1, queries, heads * size] },
    },
    feeds: { ...drawn },
    ...oursOf(shape, drawn, 'bshd'),
  };
}

function oursOf(
  { queries, keys }: Shape,
  { q, k, v }: Drawn,
  order: 'bhsd' | 'bshd',
): Pick<CaseData, 'ways' | 'exact'> {
  const axes = { batch: 1, queries, keys, heads, kv_heads: heads, head_size: size, value_size: size };
  const options = { q_strides: order, k_strides: order, v_strides: order, y_strides: order };
  const shapeOf = (tokens: number): number[] =>
    order === 'bhsd' ? [1, heads, tokens, size] : [1, tokens, heads, size];
  const ways = (queries === 1 ? ['decode-attention', 'flash-attention'] : ['flash-attention']).map(
    (kernel): OurWay => ({
      kernel,
      inputs: {
        q: { shape: shapeOf(queries), data: q },
        k: { shape: shapeOf(keys), data: k },
        v: { shape: shapeOf(keys), data: v },
      },
      weights: {},
      output: 'y',
      axes,
      options,
    }),
  );
  return { ways, exact: attention({ queries, keys }, { q, k, v }, order) };
}

/** `softmax(q kᵀ / √size) v` in f64, row by row; the kernels' own oracle would take minutes for the longest. */
function attention({ queries, keys }: Shape, { q, k, v }: Drawn, order: 'bhsd' | 'bshd'): Float64Array {
  const place = (head: number, token: number, tokens: number): number =>
    (order === 'bhsd' ? head * tokens + token : token * heads + head) * size;
  const y = new Float64Array(heads * queries * size);
  const weights = new Float64Array(keys);
  for (let head = 0; head < heads; head++)
    for (let query = 0; query < queries; query++) {
      const at = place(head, query, queries);
      let largest = -Infinity;
      for (let key = 0; key < keys; key++) {
        const from = place(head, key, keys);
        let sum = 0;
        for (let i = 0; i < size; i++) sum += q[at + i]! * k[from + i]!;
        weights[key] = sum / Math.sqrt(size);
        largest = Math.max(largest, weights[key]!);
      }
      let total = 0;
      for (let key = 0; key < keys; key++) total += weights[key] = Math.exp(weights[key]! - largest);
      for (let key = 0; key < keys; key++) {
        const from = place(head, key, keys);
        const weight = weights[key]! / total;
        for (let i = 0; i < size; i++) y[at + i]! += weight * v[from + i]!;
      }
    }
  return y;
}

/** `[heads, keys, size]` to `[heads, size, keys]`: what a plain product wants. */
function keysTurned(k: Float32Array, keys: number): Float32Array {
  const turned = new Float32Array(k.length);
  for (let head = 0; head < heads; head++)
    for (let key = 0; key < keys; key++)
      for (let i = 0; i < size; i++)
        turned[(head * size + i) * keys + key] = k[(head * keys + key) * size + i]!;
  return turned;
}
