import { blockLists, longformerBlocks } from '@tilewright/kernels/attention';
import { pageTable } from '@tilewright/kernels/cache';
import { batchedMatmul, batchedMatmulAxes } from '@tilewright/kernels/batched-matmul';
import { decodeAttention } from '@tilewright/kernels/decode-attention';
import { listedKeys, pagedLoadK, pagedLoadV } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { gatherAttention } from '@tilewright/kernels/gather-attention';
import { softmax } from '@tilewright/kernels/softmax';
import { topKeys } from '@tilewright/kernels/top-keys';
import { type Curve, type Drawn, heads, type Place, size, type Stage } from './curve.ts';
import { mixerCurves } from './mixer-curves.ts';
import { sampledError, type Sees } from './sampled-oracle.ts';

/** Queries and results lie head by head, as keys and values do, so that plain products read them too. */
const orders = { q_strides: 'bhsd', k_strides: 'bhsd', v_strides: 'bhsd', y_strides: 'bhsd' };

const tensors = ({ queries, keys, q, k, v }: Drawn, place: Place) => ({
  q: place([1, heads, queries, size], q),
  k: place([1, heads, keys, size], k),
  v: place([1, heads, keys, size], v),
});

interface Attention extends Pick<Curve, 'name' | 'growth' | 'queries'> {
  /** The last kernel's output is `[1, queries, heads, size]` in memory. */
  readonly stages: (drawn: Drawn, place: Place) => readonly Stage[];
  readonly sees: Sees;
}

/** What f32 sums in another order differ by at most, as a fraction of the largest element. */
const roundingOnly = 1e-4;

const attention = ({ stages, sees, ...rest }: Attention): Curve => ({
  ...rest,
  family: 'attention',
  at: (drawn) => ({
    stages: (place) => stages(drawn, place),
    judge: (got) => ({ error: sampledError(sees, drawn, got), allowed: roundingOnly }),
  }),
});

const all: Sees = () => () => true;
const causal: Sees = (_drawn, _head, query) => (key) => key <= query;

/** flash-attention with these options. */
function fused(drawn: Drawn, place: Place, options: Stage['options'] = {}): readonly Stage[] {
  const inputs = tensors(drawn, place);
  return [{ kernel: flashAttention, inputs: () => inputs, options: { ...orders, ...options }, output: 'y' }];
}

/** Scores, weights and values as three kernels, all scores in memory. */
function unfused(drawn: Drawn, place: Place): readonly Stage[] {
  const { queries, keys } = drawn;
  const { q, k, v } = tensors(drawn, place);
  const turned = { transpose_b: true };
  return [
    {
      kernel: batchedMatmul,
      inputs: () => ({ a: q, b: k }),
      axes: batchedMatmulAxes({ batch: heads, m: queries, n: keys, k: size }, turned),
      options: turned,
      output: 'scores',
    },
    {
      kernel: softmax,
      inputs: ({ scores }) => ({ x: { ...scores!, shape: [heads * queries, keys] } }),
      scalars: { scale: 1 / Math.sqrt(size) },
      output: 'weights',
    },
    {
      kernel: batchedMatmul,
      inputs: ({ weights }) => ({ a: weights!, b: v }),
      axes: batchedMatmulAxes({ batch: heads, m: queries, n: size, k: keys }),
      output: 'y',
    },
  ];
}

const window = 127;

const blockSize = 64;
const blocks = longformerBlocks(1, [0]);

function blockSparse(drawn: Drawn, place: Place): readonly Stage[] {
  const inputs = tensors(drawn, place);
  const count = Math.ceil(drawn.keys / blockSize);
  const lists = blockLists({ queryBlocks: count, keyBlocks: count }, blocks);
  const listed = {
    block_starts: place([lists.starts.length], lists.starts),
    block_keys: place([lists.keys.length], lists.keys),
  };
  return [
    {
      kernel: flashAttention,
      inputs: () => ({ ...inputs, ...listed }),
      options: { ...orders, blocks: 'listed', block_size: blockSize },
      output: 'y',
    },
  ];
}

const decode = (drawn: Drawn, place: Place): readonly Stage[] => {
  const inputs = tensors(drawn, place);
  return [{ kernel: decodeAttention, inputs: () => inputs, options: orders, output: 'y' }];
};

const pageSize = 16;

/** The same keys and values in pages, each page anywhere in the pool. */
function pagedDecode({ queries, keys, q, k, v }: Drawn, place: Place): readonly Stage[] {
  const pages = Math.ceil(keys / pageSize);
  const table = pageTable({ pages, pageSize });
  // Sequences that come and go in turn leave the pages of the last one out of order.
  const passing = Array.from({ length: pages }, () => {
    const sequence = table.open();
    table.append(sequence, pageSize);
    return sequence;
  });
  for (const parity of [0, 1])
    for (const sequence of passing) if (sequence % 2 === parity) table.free(sequence);
  const sequence = table.open();
  const { rows } = table.append(sequence, keys);
  const pool = (data: Float32Array): Float32Array => {
    const made = new Float32Array(pages * heads * pageSize * size);
    for (let head = 0; head < heads; head++)
      for (let key = 0; key < keys; key++) {
        const row = rows[key]!;
        const at = (Math.floor(row / pageSize) * heads + head) * pageSize + (row % pageSize);
        const from = (head * keys + key) * size;
        made.set(data.subarray(from, from + size), at * size);
      }
    return made;
  };
  const shape = [pages, heads, pageSize, size];
  const inputs = {
    q: place([1, queries, heads, size], q),
    'load_k.pool': place(shape, pool(k)),
    'load_v.pool': place(shape, pool(v)),
    'load_k.pages': place([1, pages], table.blockTable([sequence], pages)),
  };
  const paged = { pages, pageSize, tableSize: pages, size };
  return [
    {
      kernel: decodeAttention,
      inputs: () => ({ ...inputs, 'load_v.pages': inputs['load_k.pages'] }),
      axes: { keys, kv_heads: heads, head_size: size, value_size: size },
      slots: { load_k: pagedLoadK(paged), load_v: pagedLoadV(paged) },
      output: 'y',
    },
  ];
}

const named = 32;

/** Place `j` of the keys that a query names where nobody looks for the best: spread over all of them. */
const spreadKey = (query: number, j: number, keys: number): number =>
  (17 * query + Math.floor((j * keys) / Math.min(named, keys))) % keys;

function listed(drawn: Drawn, place: Place): readonly Stage[] {
  const { queries, keys } = drawn;
  const selected = Math.min(named, keys);
  const lists = Uint32Array.from({ length: queries * selected }, (_, i) =>
    spreadKey(Math.floor(i / selected), i % selected, keys),
  );
  const inputs = { ...tensors(drawn, place), 'select.keys': place([1, 1, queries, selected], lists) };
  return [
    {
      kernel: gatherAttention,
      inputs: () => inputs,
      axes: { selected },
      options: orders,
      slots: { select: listedKeys({ heads: 1 }) },
      output: 'y',
    },
  ];
}

const isSpread: Sees = ({ keys }, _head, query) => {
  const own = new Set(Array.from({ length: Math.min(named, keys) }, (_, j) => spreadKey(query, j, keys)));
  return (key) => own.has(key);
};

/** The best keys of each query are found, then attended to. */
function best(drawn: Drawn, place: Place): readonly Stage[] {
  const inputs = tensors(drawn, place);
  const { q, k } = inputs;
  const axes = { selected: Math.min(named, drawn.keys) };
  return [
    {
      kernel: topKeys,
      inputs: () => ({ q, k }),
      axes,
      options: { q_strides: 'bhsd', k_strides: 'bhsd' },
      output: 'found',
    },
    {
      kernel: gatherAttention,
      inputs: ({ found }) => ({ ...inputs, 'select.keys': found! }),
      axes,
      options: orders,
      output: 'y',
    },
  ];
}

const isBest: Sees = ({ queries, keys, q, k }, head, query) => {
  const score = (key: number): number => {
    let sum = 0;
    for (let i = 0; i < size; i++)
      sum += q[(head * queries + query) * size + i]! * k[(head * keys + key) * size + i]!;
    return sum;
  };
  const scores = Float64Array.from({ length: keys }, (_, key) => score(key));
  const least = scores.slice().sort()[Math.max(0, keys - named)]!;
  return (key) => scores[key]! >= least;
};

const attentions: readonly Attention[] = [
  { name: 'three kernels', growth: 2, queries: 'all', stages: unfused, sees: all },
  { name: 'full', growth: 2, queries: 'all', stages: fused, sees: all },
  {
    name: 'causal',
    growth: 2,
    queries: 'all',
    stages: (drawn, place) => fused(drawn, place, { causal: true }),
    sees: causal,
  },
  {
    name: `window of ${window + 1}`,
    growth: 1,
    queries: 'all',
    stages: (drawn, place) => fused(drawn, place, { causal: true, window_left: window }),
    sees: (_drawn, _head, query) => (key) => key <= query && query - key <= window,
  },
  {
    name: `block-sparse, blocks of ${blockSize}`,
    growth: 1,
    queries: 'all',
    stages: blockSparse,
    sees: (_drawn, _head, query) => (key) =>
      blocks(Math.floor(query / blockSize), Math.floor(key / blockSize)),
  },
  { name: `${named} keys of each query, listed`, growth: 1, queries: 'all', stages: listed, sees: isSpread },
  { name: `${named} best keys of each query, found`, growth: 2, queries: 'all', stages: best, sees: isBest },
  { name: 'decode', growth: 1, queries: 'one', stages: decode, sees: all },
  { name: `paged decode, pages of ${pageSize}`, growth: 1, queries: 'one', stages: pagedDecode, sees: all },
];

/** What `bench --scaling` follows, in the order of the report. */
export const curves: readonly Curve[] = [...attentions.map(attention), ...mixerCurves];
