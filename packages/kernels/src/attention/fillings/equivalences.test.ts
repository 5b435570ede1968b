// What a filling computes must be what its paper's formula gives written out, or what a simpler form gives where they meet.
import {
  type Filling,
  type Kernel,
  normalNumbers,
  type Plan,
  type Problem,
  type ProblemInput,
  shapeOf as contractShape,
} from '@tilewright/kernels';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ScoreReference } from '../slots.ts';
import { attentionMerge } from '../attention-merge/index.ts';
import { headMajor } from '../check-cases.ts';
import { flashAttention } from '../flash-attention/index.ts';
import { fillingProbe } from './filling-probe.ts';
import { rope, ropeTable } from '../../position/rope/index.ts';
import {
  additiveMask,
  additiveSimilarity,
  alibi,
  anyPattern,
  bandBlocks,
  blockMask,
  blockTable,
  booleanMask,
  collinearLoadK,
  collinearLoadQ,
  exponentialWeight,
  gatedOutput,
  gaussianSimilarity,
  globalBlocks,
  gridBias,
  headGate,
  headTemperature,
  kroneckerMask,
  layerSchedule,
  leakyReluScore,
  maskShapeOf,
  prefixMask,
  priorFittedMask,
  queryBias,
  relativeBias,
  relativeFactor,
  relativeProduct,
  ropeLoadK,
  ropeLoadQ,
  scoreClamp,
  scoresInTurn,
  sentinelMask,
  sentinelSpans,
  sinkSoftmax,
  t5BiasTable,
  t5Bucket,
  treeAncestors,
  treeMask,
  unitLoadK,
  unitLoadQ,
  variateBias,
  xposTables,
} from './index.ts';

type Numbers = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

interface Run extends ProblemInput {
  readonly kernel?: Kernel;
  /** Contents by name; a repeated array is one tensor bound several times. */
  readonly data: Readonly<Record<string, Numbers>>;
  readonly choose?: (plans: readonly Plan[]) => Plan;
}

/** The outputs of one run on the adapter under test. */
async function attend({
  kernel = fillingProbe,
  data,
  choose,
  ...rest
}: Run): Promise<Record<string, Float32Array>> {
  const { device, capabilities } = opened;
  // Keys and values are drawn head by head.
  const orders = 'k_strides' in kernel.definition.options! && headMajor;
  const input = { ...rest, options: { ...orders, ...rest.options } };
  const problem: Problem = kernel.problem(input);
  const shapeOf = (name: string): number[] => {
    const [slot, binding] = name.split('.') as [string, string | undefined];
    const shape: readonly (string | number)[] =
      binding === undefined
        ? contractShape(kernel.inputs[name]!, problem.options)
        : problem.slots[slot]!.bindings![binding]!.shape;
    return shape.map((size) => (typeof size === 'number' ? size : problem.axes[size]!));
  };
  const made = new Map<Numbers, Tensor>();
  const inputs: Record<string, Tensor> = {};
  for (const [name, values] of Object.entries(data)) {
    const tensor = made.get(values) ?? device.tensor(shapeOf(name), values);
    made.set(values, tensor);
    inputs[name] = { ...tensor, shape: shapeOf(name) };
  }
  const plan = choose?.(kernel.plans(problem, capabilities));
  const outputs = await runKernel(device, kernel, { ...input, inputs, ...(plan && { plan }) });
  const read: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries<Tensor>(outputs)) {
    read[name] = (await tensor.read()) as Float32Array;
    tensor.dispose();
  }
  for (const tensor of made.values()) tensor.dispose();
  return read;
}

const expectClose = expectWithin(3e-6);
const [heads, size] = [2, 8];
const scale = 1 / Math.sqrt(size);
const shape = (queries: number, keys: number, batch = 1): Record<string, number> => ({
  batch,
  queries,
  keys,
  heads,
  kv_heads: heads,
  head_size: size,
  value_size: size,
});
const drawAll = (
  queries: number,
  keys: number,
  batch = 1,
): Record<'q' | 'k' | 'v', Float32Array<ArrayBuffer>> => ({
  q: normalNumbers(batch * queries * heads * size, 1),
  k: normalNumbers(batch * heads * keys * size, 2),
  v: normalNumbers(batch * heads * keys * size, 3),
});
const each = (count: number, of: (i: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: count }, (_, i) => of(i));
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
/** Row of the queries or the output. */
const queryRow = (q: Float32Array, head: number, query: number): Float32Array =>
  q.subarray((query * heads + head) * size, (query * heads + head + 1) * size);
const keyRow = (k: Float32Array, head: number, key: number): Float32Array => {
  const keys = k.length / heads / size;
  return k.subarray((head * keys + key) * size, (head * keys + key + 1) * size);
};
/** Keys or values in another order, or fewer of them. */
const keyRows = (k: Float32Array, order: readonly number[]): Float32Array<ArrayBuffer> =>
  Float32Array.from([0, 1].flatMap((head) => order.flatMap((key) => [...keyRow(k, head, key)])));
const queryRows = (q: Float32Array, order: readonly number[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(order.flatMap((query) => [0, 1].flatMap((head) => [...queryRow(q, head, query)])));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

type ScoreOf = (head: number, query: number, key: number) => number;
const table = (queries: number, keys: number, of: ScoreOf): Float32Array<ArrayBuffer> =>
  each(heads * queries * keys, (i) =>
    of(Math.floor(i / keys / queries), Math.floor(i / keys) % queries, i % keys),
  );
/** Attention by scores written out, -∞ where not seen: softmax(0 + scores) v. */
const byScores = async (
  queries: number,
  keys: number,
  v: Float32Array<ArrayBuffer>,
  of: ScoreOf,
): Promise<Float32Array> => {
  const { y } = await attend({
    axes: shape(queries, keys),
    slots: { mask: additiveMask({ heads: true, queries: true }) },
    data: {
      q: new Float32Array(queries * heads * size),
      k: new Float32Array(heads * keys * size),
      v,
      'mask.bias': table(queries, keys, of),
    },
  });
  return y!;
};

const skipped = testProfile.compileOnly || testProfile.subset;

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(skipped)(`positions (${testProfile.name})`, () => {
  test('Transformer-XL: no shift, the published relative shift and the formula written out', async () => {
    const [queries, keys] = [7, 20];
    const data = drawAll(queries, keys);
    const [r, u, w] = [
      normalNumbers(heads * keys * size, 4),
      normalNumbers(heads * size, 5),
      normalNumbers(heads * size, 6),
    ];
    const add = (a: Float32Array, b: Float32Array, head: number): Float32Array =>
      a.map((value, c) => value + b[head * size + c]!);
    const byDistance = (head: number, query: number, distance: number): number =>
      scale * dot(add(queryRow(data.q, head, query), w, head), keyRow(r, head, distance));
    const product = table(queries, keys, (head, query, m) => byDistance(head, query, keys - 1 - m));
    const input = { axes: shape(queries, keys), options: { causal: true } };
    const unshifted = await attend({
      ...input,
      slots: { load_q: queryBias(size), score: relativeProduct({ back: keys - 1 }) },
      data: { ...data, 'load_q.bias': u, 'score.product': product },
    });
    // A column of zeros in front, read as one row per key and one more, without the first row, read as before.
    const shifted = table(queries, keys, (head, query, key) => {
      const flat = queries + query * keys + key;
      const [row, column] = [Math.floor(flat / (keys + 1)), flat % (keys + 1)];
      return column === 0 ? 0 : product[(head * queries + row) * keys + column - 1]!;
    });
    const published = await attend({
      ...input,
      slots: { load_q: queryBias(size), mask: additiveMask({ heads: true, queries: true }) },
      data: { ...data, 'load_q.bias': u, 'mask.bias': shifted },
    });
    const explicit = await byScores(queries, keys, data.v, (head, query, key) => {
      const position = query + keys - queries;
      if (key > position) return -Infinity;
      const content = scale * dot(add(queryRow(data.q, head, query), u, head), keyRow(data.k, head, key));
      return content + byDistance(head, query, position - key);
    });
    expectClose(unshifted.y!, published.y!);
    expectClose(unshifted.y!, explicit);
  });

  test('keys by Shaw: products by clipped distance equal vectors added to every key', async () => {
    const [queries, keys, reach] = [9, 12, 3];
    const data = drawAll(queries, keys);
    const vectors = normalNumbers((2 * reach + 1) * size, 4);
    const vector = (entry: number): Float32Array => vectors.subarray(entry * size, (entry + 1) * size);
    const clipped = await attend({
      axes: shape(queries, keys),
      slots: { score: relativeProduct({ back: reach, ahead: reach, scale }) },
      data: {
        ...data,
        'score.product': table(queries, 2 * reach + 1, (head, query, entry) =>
          dot(queryRow(data.q, head, query), vector(entry)),
        ),
      },
    });
    const explicit = await byScores(queries, keys, data.v, (head, query, key) => {
      const distance = Math.min(Math.max(key - (query + keys - queries), -reach), reach);
      const own = keyRow(data.k, head, key).map((value, c) => value + vector(distance + reach)[c]!);
      return scale * dot(queryRow(data.q, head, query), own);
    });
    expectClose(clipped.y!, explicit);
  });

  test('T5: the bias of a bucket reaches farther than its table', async () => {
    const [queries, keys] = [17, 40];
    const data = drawAll(queries, keys);
    const embedding = normalNumbers(8 * heads, 4);
    const buckets = { buckets: 8, maxDistance: 10 };
    const spread = await attend({
      axes: shape(queries, keys),
      slots: { score: relativeBias(10) },
      data: { ...data, 'score.table': t5BiasTable(embedding, { heads, reach: 10, ...buckets }) },
    });
    const explicit = await attend({
      axes: shape(queries, keys),
      slots: { mask: additiveMask({ heads: true, queries: true }) },
      data: {
        ...data,
        'mask.bias': table(
          queries,
          keys,
          (head, query, key) => embedding[t5Bucket(key - (query + keys - queries), buckets) * heads + head]!,
        ),
      },
    });
    expectClose(spread.y!, explicit.y!);
  });

  test('a window of two dimensions has the entries that Swin gives', async () => {
    const [height, width] = [3, 4];
    const tokens = height * width;
    const data = drawAll(tokens, tokens);
    const parameter = normalNumbers((2 * height - 1) * (2 * width - 1) * heads, 4);
    const coordinates = range(0, height).flatMap((y) => range(0, width).map((x) => [y, x] as const));
    const index = (query: number, key: number): number => {
      const relative = coordinates[query]!.map((value, axis) => value - coordinates[key]![axis]!);
      return (relative[0]! + height - 1) * (2 * width - 1) + (relative[1]! + width - 1);
    };
    const entries = parameter.length / heads;
    const filled = await attend({
      axes: shape(tokens, tokens),
      slots: { score: gridBias({ height, width }) },
      data: {
        ...data,
        'score.table': each(
          parameter.length,
          (i) => parameter[(i % entries) * heads + Math.floor(i / entries)]!,
        ),
      },
    });
    const explicit = await attend({
      axes: shape(tokens, tokens),
      slots: { mask: additiveMask({ heads: true, queries: true }) },
      data: {
        ...data,
        'mask.bias': table(
          tokens,
          tokens,
          (head, query, key) => parameter[index(query, key) * heads + head]!,
        ),
      },
    });
    expectClose(filled.y!, explicit.y!);
  });

  test('collinear attention equals its formula without the factorisation', async () => {
    const [queries, keys] = [9, 21];
    const data = drawAll(queries, keys);
    const angles = ropeTable({ headSize: size, positions: keys, theta: 100 });
    const options = { headSize: size, positions: keys };
    const fused = await attend({
      axes: shape(queries, keys),
      options: { causal: true },
      slots: { load_q: collinearLoadQ(options), load_k: collinearLoadK(options) },
      data: { ...data, 'load_q.table': angles, 'load_k.table': angles },
    });
    const naive = await byScores(queries, keys, data.v, (head, query, key) => {
      const position = query + keys - queries;
      if (key > position) return -Infinity;
      const [q, t] = [queryRow(data.q, head, query), keyRow(data.k, head, key)];
      const terms = range(0, size / 2).map(
        (j) =>
          (q[j]! ** 2 + q[j + size / 2]! ** 2) *
          Math.max(t[j]!, 0) *
          Math.cos((position - key) * 100 ** ((-2 * j) / size)),
      );
      return scale * terms.reduce((sum, term) => sum + term, 0);
    });
    expectClose(fused.y!, naive);
  });

  test('rope while reading equals the kernel rope in front, for every scaling', async () => {
    const [tokens, positions] = [13, 13];
    const data = drawAll(tokens, tokens);
    const strides = { k_strides: 'bshd' };
    const sizes = { batch: 1, tokens, heads, head_size: size, half: size / 2 };
    const axes = { ...sizes, table_rows: positions, pair: 2 };
    const places = Uint32Array.from({ length: tokens }, (_, i) => i);
    const scaled = { factor: 4, original_max_position_embeddings: 8 };
    for (const scaling of [
      { rope_type: 'ntk', ...scaled },
      { rope_type: 'yarn', ...scaled },
      { rope_type: 'llama3', ...scaled, low_freq_factor: 1, high_freq_factor: 4 },
    ]) {
      const angles = ropeTable({ headSize: size, positions, theta: 100, scaling });
      const turn = async (x: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> =>
        Float32Array.from(
          (await attend({ kernel: rope, axes, data: { x, cos_sin: angles, positions: places } })).y!,
        );
      const before = await attend({
        axes: shape(tokens, tokens),
        options: strides,
        data: { ...data, q: await turn(data.q), k: await turn(data.k) },
      });
      const loads = { headSize: size, positions };
      const during = await attend({
        axes: shape(tokens, tokens),
        options: strides,
        slots: { load_q: ropeLoadQ(loads), load_k: ropeLoadK(loads) },
        data: { ...data, 'load_q.table': angles, 'load_k.table': angles },
      });
      expectClose(during.y!, before.y!);
    }
  });

  test('xPos equals its formula, which knows distances only', async () => {
    const tokens = 33;
    const data = drawAll(tokens, tokens);
    const { q, k } = xposTables({ headSize: size, positions: tokens, theta: 100, scaleBase: 8 });
    const loads = { headSize: size, positions: tokens };
    const tables = await attend({
      axes: shape(tokens, tokens),
      options: { causal: true },
      slots: { load_q: ropeLoadQ(loads), load_k: ropeLoadK(loads) },
      data: { ...data, 'load_q.table': q, 'load_k.table': k },
    });
    const explicit = await byScores(tokens, tokens, data.v, (head, query, key) => {
      if (key > query) return -Infinity;
      const [a, b] = [queryRow(data.q, head, query), keyRow(data.k, head, key)];
      const terms = range(0, size / 2).map((j) => {
        const angle = (query - key) * 100 ** ((-2 * j) / size);
        const decay = ((2 * j) / size + 0.4) / 1.4;
        const [x, y, s, t] = [a[j]!, a[j + size / 2]!, b[j]!, b[j + size / 2]!];
        return (
          decay ** ((query - key) / 8) *
          ((x * s + y * t) * Math.cos(angle) + (x * t - y * s) * Math.sin(angle))
        );
      });
      return scale * terms.reduce((sum, term) => sum + term, 0);
    });
    expectClose(tables.y!, explicit, 1e-5);
  });

  test('factors after the softmax: ones change nothing, others tell positions of a constant sequence apart', async () => {
    const [queries, keys, reach] = [9, 15, 4];
    const input = { axes: shape(queries, keys), options: { causal: true, lse: true } };
    const factors = async (data: Record<string, Numbers>, values: Float32Array<ArrayBuffer>) =>
      await attend({
        ...input,
        slots: { reweight: relativeFactor(reach) },
        data: { ...data, 'reweight.table': values },
      });
    const data = drawAll(queries, keys);
    const ones = new Float32Array(heads * (2 * reach + 1)).fill(1);
    const plain = await attend({ ...input, data });
    expect(await factors(data, ones)).toEqual(plain);
    const constant = {
      q: new Float32Array(data.q.length).fill(0.5),
      k: new Float32Array(data.k.length).fill(0.5),
      v: new Float32Array(data.v.length).fill(0.5),
    };
    const flat = await factors(constant, ones);
    expectClose(flat.y!, new Float32Array(flat.y!.length).fill(0.5));
    const told = await factors(constant, normalNumbers(heads * (2 * reach + 1), 4));
    expect(told.lse).toEqual(flat.lse);
    expect(Math.abs(told.y![0]! - told.y![(queries - 1) * heads * size]!)).toBeGreaterThan(1e-3);
  });

  test('series in another order give their outputs in that order', async () => {
    const length = 5;
    const keys = 3 * length;
    const data = drawAll(keys, keys);
    const order = [2, 0, 1].flatMap((series) => range(series * length, (series + 1) * length));
    const biases = normalNumbers(2 * heads, 4);
    const input = { axes: shape(keys, keys), slots: { score: variateBias } };
    const named = (places: readonly number[]): Uint32Array<ArrayBuffer> =>
      Uint32Array.from(places, (place) => Math.floor(place / length));
    const plain = await attend({
      ...input,
      data: { ...data, 'score.biases': biases, 'score.variates': named(range(0, keys)) },
    });
    const permuted = await attend({
      ...input,
      data: {
        q: queryRows(data.q, order),
        k: keyRows(data.k, order),
        v: keyRows(data.v, order),
        'score.biases': biases,
        'score.variates': named(order),
      },
    });
    expectClose(permuted.y!, queryRows(plain.y!, order));
  });
});

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(skipped)(`masks (${testProfile.name})`, () => {
  const placesOf = (series: number, length: number): Uint32Array<ArrayBuffer> =>
    Uint32Array.from(range(0, series * length).flatMap((i) => [Math.floor(i / length), i % length]));

  test('a Kronecker mask from two indices equals the product written out', async () => {
    const [series, length] = [3, 14];
    const keys = series * length;
    const data = drawAll(keys, keys);
    const dependencies = Uint32Array.of(1, 0, 1, 1, 1, 0, 0, 0, 1);
    const computed = await attend({
      axes: shape(keys, keys),
      slots: { mask: kroneckerMask(series) },
      data: { ...data, 'mask.places': placesOf(series, length), 'mask.dependencies': dependencies },
    });
    const written = await attend({
      axes: shape(keys, keys),
      slots: { mask: booleanMask({ queries: true }) },
      data: {
        ...data,
        'mask.allowed': Uint32Array.from({ length: keys * keys }, (_, i) => {
          const [query, key] = [Math.floor(i / keys), i % keys];
          const seen = dependencies[Math.floor(query / length) * series + Math.floor(key / length)]!;
          return seen && key % length <= query % length ? 1 : 0;
        }),
      },
    });
    expectClose(computed.y!, written.y!);
  });

  test('series that depend on themselves only are series of their own', async () => {
    const [series, length] = [3, 14];
    const keys = series * length;
    const data = drawAll(keys, keys);
    const together = await attend({
      axes: shape(keys, keys),
      slots: { mask: kroneckerMask(series) },
      data: {
        ...data,
        'mask.places': placesOf(series, length),
        'mask.dependencies': Uint32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
      },
    });
    for (const one of range(0, series)) {
      const own = range(one * length, (one + 1) * length);
      const alone = await attend({
        axes: shape(length, length),
        options: { causal: true },
        data: { q: queryRows(data.q, own), k: keyRows(data.k, own), v: keyRows(data.v, own) },
      });
      expectClose(queryRows(together.y!, own), alone.y!);
    }
  });

  test('a cache without the spans that sentinels stand for equals the mask over all of it', async () => {
    const tokens = [1, 8, 2, 3, 9, 4, 8, 5, 9, 6, 7];
    const keys = tokens.length;
    const data = drawAll(keys, keys);
    const spans = sentinelSpans(tokens, { open: 8, close: 9 });
    const masked = await attend({
      axes: shape(keys, keys),
      slots: { mask: sentinelMask },
      data: { ...data, 'mask.spans': spans },
    });
    const rowsSeenBy: readonly (readonly [number, readonly number[]])[] = [
      [3, [0, 1, 2, 3]],
      [4, [1, 2, 3, 4]],
      [5, [0, 4, 5]],
      [7, [0, 4, 5, 6, 7]],
      [8, [6, 7, 8]],
      [10, [0, 4, 5, 8, 9, 10]],
    ];
    for (const [query, kept] of rowsSeenBy) {
      const compact = await attend({
        axes: shape(1, kept.length),
        data: { q: queryRows(data.q, [query]), k: keyRows(data.k, kept), v: keyRows(data.v, kept) },
      });
      expectClose(queryRows(masked.y!, [query]), compact.y!);
    }
  });

  test('what a test row of a table gets depends on no other test row, nor on the order of the training rows', async () => {
    const [train, keys] = [11, 17];
    for (const self of [false, true]) {
      const data = drawAll(keys, keys);
      const run = async (given: typeof data, rows: number): Promise<Float32Array> => {
        const { y } = await attend({
          axes: shape(rows, rows),
          slots: { mask: priorFittedMask({ self }) },
          data: { ...given, 'mask.train': Uint32Array.of(train) },
        });
        return y!;
      };
      const all = await run(data, keys);
      const order = [...range(0, train).reverse(), 14];
      const alone = await run(
        { q: queryRows(data.q, order), k: keyRows(data.k, order), v: keyRows(data.v, order) },
        train + 1,
      );
      expectClose(alone, queryRows(all, order));
      expect(queryRows(all, [14])).not.toEqual(queryRows(all, [15]));
    }
  });

  test('a node of a tree gets what its path alone would', async () => {
    const parents = [-1, 0, 0, 1, 1, 2, -1];
    const [text, nodes] = [9, parents.length];
    const keys = text + nodes;
    const data = drawAll(nodes, keys);
    const tree = await attend({
      axes: shape(nodes, keys),
      options: { causal: true },
      slots: { mask: treeMask({ nodes }) },
      data: { ...data, 'mask.ancestors': treeAncestors(parents) },
    });
    for (const node of [0, 3, 5, 6]) {
      const path: number[] = [];
      for (let at = node; at >= 0; at = parents[at]!) path.unshift(text + at);
      const kept = [...range(0, text), ...path];
      const alone = await attend({
        axes: shape(1, kept.length),
        options: { causal: true },
        data: { q: queryRows(data.q, [node]), k: keyRows(data.k, kept), v: keyRows(data.v, kept) },
      });
      expectClose(queryRows(tree.y!, [node]), alone.y!);
    }
  });

  test('layers with a window of the whole length see what full layers see', async () => {
    const tokens = 21;
    const data = drawAll(tokens, tokens);
    const run = async (window: number, layer: number): Promise<Float32Array> => {
      const options = { ...layerSchedule({ layers: 2, full: [0], window })[layer]! };
      return (await attend({ axes: shape(tokens, tokens), options, data })).y!;
    };
    const full = await run(4, 0);
    expectClose(await run(tokens, 1), full);
    expect(queryRows(await run(4, 1), [20])).not.toEqual(queryRows(full, [20]));
  });

  test('block-wise causal attention and Longformer by blocks equal the masks by element; segments with a memory equal the first', async () => {
    const [tokens, block] = [40, 8];
    const data = drawAll(tokens, tokens);
    const blocks = { queryBlocks: 5, keyBlocks: 5 };
    for (const [sees, causal] of [
      [bandBlocks(1), true],
      [anyPattern(bandBlocks(1), globalBlocks(1)), false],
    ] as const) {
      const sparse = await attend({
        axes: shape(tokens, tokens),
        options: { causal },
        slots: { mask: blockMask({ size: block, ...blocks }) },
        data: { ...data, 'mask.blocks': blockTable(blocks, sees) },
      });
      const dense = await attend({
        axes: shape(tokens, tokens),
        options: { causal },
        slots: { mask: booleanMask({ queries: true }) },
        data: {
          ...data,
          'mask.allowed': Uint32Array.from({ length: tokens ** 2 }, (_, i) =>
            sees(Math.floor(i / tokens / block), Math.floor((i % tokens) / block)) ? 1 : 0,
          ),
        },
      });
      expectClose(sparse.y!, dense.y!);
      if (!causal) continue;
      // Transformer-XL's segments: each sees itself and the cache of the one before.
      for (const segment of [0, 1, 4]) {
        const own = range(segment * block, (segment + 1) * block);
        const cached = range(Math.max(segment - 1, 0) * block, (segment + 1) * block);
        const alone = await attend({
          axes: shape(block, cached.length),
          options: { causal },
          data: { q: queryRows(data.q, own), k: keyRows(data.k, cached), v: keyRows(data.v, cached) },
        });
        expectClose(queryRows(sparse.y!, own), alone.y!);
      }
    }
  });

  test('masks of every rank equal themselves spread out', async () => {
    const [batch, queries, keys] = [2, 5, 9];
    const data = drawAll(queries, keys, batch);
    const sizes = { batch, heads, queries, keys };
    for (const dimensions of [[9], [5, 9], [2, 1, 9], [1, 2, 5, 6], [4], [2, 1, 1, 7]]) {
      const count = dimensions.reduce((product, length) => product * length, 1);
      const bias = each(count, (i) => (i % 5 === 3 ? -Infinity : Math.sin(i)));
      const full = [1, 1, 1, 1, ...dimensions].slice(-4) as [number, number, number, number];
      const spread = each(batch * heads * queries * keys, (i) => {
        const place = [Math.floor(i / keys / queries / heads), Math.floor(i / keys / queries) % heads];
        const [b, h, q] = [...place, Math.floor(i / keys) % queries].map((at, axis) =>
          full[axis] === 1 ? 0 : at,
        );
        const key = i % keys;
        return key < full[3] ? bias[((b! * full[1] + h!) * full[2] + q!) * full[3] + key]! : -Infinity;
      });
      const small = await attend({
        axes: shape(queries, keys, batch),
        slots: { mask: additiveMask(maskShapeOf(dimensions, sizes)) },
        data: { ...data, 'mask.bias': bias },
      });
      const whole = await attend({
        axes: shape(queries, keys, batch),
        slots: { mask: additiveMask({ batch: true, heads: true, queries: true }) },
        data: { ...data, 'mask.bias': spread },
      });
      expectClose(small.y!, whole.y!);
    }
  });

  test('blocks of keys that no query of a block sees are not read', async () => {
    const [queries, keys] = [16, 128];
    const data = drawAll(queries, keys);
    /** Values that would spoil whatever reads them, even with weight 0. */
    const spoilt = (from: number, to: number): Float32Array<ArrayBuffer> =>
      data.v.map((value, i) =>
        Math.floor(i / size) % keys >= from && Math.floor(i / size) % keys < to ? NaN : value,
      );
    const firstHalf = Uint32Array.from({ length: keys }, (_, key) => (key < 64 ? 1 : 0));
    const spans = sentinelSpans(
      range(0, keys).map((key) => ({ 0: 8, 63: 9 })[key] ?? 1),
      { open: 8, close: 9 },
    );
    const cases: readonly {
      readonly mask: Filling;
      readonly more: Record<string, Numbers>;
      readonly unread: readonly [number, number];
    }[] = [
      {
        mask: booleanMask({ batch: true, queries: true, columns: 64 }),
        more: { 'mask.allowed': new Uint32Array(queries * 64).fill(1) },
        unread: [64, 128],
      },
      { mask: booleanMask({ batch: true }), more: { 'mask.allowed': firstHalf }, unread: [64, 128] },
      {
        mask: additiveMask({ batch: true }),
        more: { 'mask.bias': each(keys, (key) => (key < 64 ? 0 : -Infinity)) },
        unread: [64, 128],
      },
      { mask: priorFittedMask(), more: { 'mask.train': Uint32Array.of(64) }, unread: [64, 128] },
      {
        mask: priorFittedMask({ self: true }),
        more: { 'mask.train': Uint32Array.of(32) },
        unread: [32, 96],
      },
      { mask: sentinelMask, more: { 'mask.spans': spans }, unread: [0, 32] },
      {
        mask: kroneckerMask(2),
        more: { 'mask.places': placesOf(2, 64), 'mask.dependencies': Uint32Array.of(1, 0, 0, 1) },
        unread: [0, 64],
      },
      {
        mask: blockMask({ size: 64, queryBlocks: 1, keyBlocks: 2 }),
        more: { 'mask.blocks': Uint32Array.of(1, 0) },
        unread: [64, 128],
      },
    ];
    const run = async (
      kernel: Kernel,
      mask: Filling,
      more: Record<string, Numbers>,
      v: Float32Array<ArrayBuffer>,
      variant: string,
    ) =>
      (
        await attend({
          kernel,
          axes: shape(queries, keys),
          slots: { mask },
          data: { ...data, ...more, v },
          choose: (plans) => plans.find((plan) => plan.variant === variant)!,
        })
      ).y!;
    // Verdicts are the masks' own; that they are heeded, each variant shows once.
    for (const kernel of [fillingProbe, flashAttention]) {
      const plans = kernel.plans(kernel.problem({ axes: shape(queries, keys) }), opened.capabilities);
      for (const variant of new Set(plans.map((plan) => plan.variant))) {
        for (const { mask, more, unread } of kernel === fillingProbe ? cases : cases.slice(0, 1)) {
          const clean = await run(kernel, mask, more, data.v, variant);
          const spoiled = await run(kernel, mask, more, spoilt(...unread), variant);
          expect(spoiled, `${mask.id}, ${variant}`).toEqual(clean);
        }
        // The same mask, where blocks cannot be told from their queries, is read: NaN shows that the test above can fail.
        const everywhere = Uint32Array.from({ length: queries * keys }, (_, i) => firstHalf[i % keys]!);
        const read = await run(
          kernel,
          booleanMask({ queries: true }),
          { 'mask.allowed': everywhere },
          spoilt(64, 128),
          variant,
        );
        expect(read.some(Number.isNaN)).toBe(true);
      }
    }
  });
});

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(skipped)(`scores and weights (${testProfile.name})`, () => {
  test('parameters that say nothing change nothing', async () => {
    const [queries, keys] = [9, 15];
    const data = drawAll(queries, keys);
    const run = async (
      slots: Record<string, Filling>,
      more: Record<string, Numbers>,
    ): Promise<Float32Array> =>
      (await attend({ axes: shape(queries, keys), slots, data: { ...data, ...more } })).y!;
    const plain = await run({}, {});
    const zeros = (count: number): Float32Array<ArrayBuffer> => new Float32Array(count);
    const inTurn = (...all: Filling<ScoreReference>[]): Filling<ScoreReference> =>
      all.reduceRight((b, a) => scoresInTurn(a, b));
    const neutral: readonly (readonly [Record<string, Filling>, Record<string, Numbers>])[] = [
      [
        { load_q: queryBias(size), score: alibi, weight: sinkSoftmax, epilogue: headGate },
        {
          'load_q.bias': zeros(heads * size),
          'score.slopes': zeros(heads),
          'weight.sinks': zeros(heads).fill(-1e30),
          'epilogue.gate': zeros(queries * heads).fill(80),
        },
      ],
      [
        { score: inTurn(headTemperature, relativeBias(3), gridBias({ height: 3, width: 5 })) },
        {
          'score.a_factors': zeros(heads).fill(1),
          'score.b_a_table': zeros(heads * 7),
          'score.b_b_table': zeros(heads * 45),
        },
      ],
      [
        {
          score: inTurn(relativeProduct({ back: 2 }), variateBias, scoreClamp(-100, 100), leakyReluScore(1)),
        },
        {
          'score.a_product': zeros(heads * queries * 3),
          'score.b_a_biases': zeros(2 * heads),
          'score.b_a_variates': new Uint32Array(keys),
        },
      ],
    ];
    for (const [slots, more] of neutral) expectClose(await run(slots, more), plain, 1e-7);
  });

  test('one gate for a head equals the same gate for its channels', async () => {
    const queries = 9;
    const data = drawAll(queries, 15);
    const gate = normalNumbers(queries * heads, 4);
    const input = { axes: shape(queries, 15) };
    const byHead = await attend({
      ...input,
      slots: { epilogue: headGate },
      data: { ...data, 'epilogue.gate': gate },
    });
    const byChannel = await attend({
      ...input,
      slots: { epilogue: gatedOutput(size) },
      data: { ...data, 'epilogue.gate': each(gate.length * size, (i) => gate[Math.floor(i / size)]!) },
    });
    expectClose(byHead.y!, byChannel.y!);
  });

  test('persistent memory: in front of the cache, merged by log-sum-exp, and written out; none is plain', async () => {
    const [queries, keys, memories] = [6, 11, 4];
    const data = drawAll(queries, keys);
    const memory = {
      k: normalNumbers(heads * memories * size, 4),
      v: normalNumbers(heads * memories * size, 5),
    };
    const joined = (which: 'k' | 'v', count: number): Float32Array<ArrayBuffer> =>
      Float32Array.from(
        [0, 1].flatMap((head) => [
          ...range(0, count).flatMap((key) => [...keyRow(memory[which], head, key)]),
          ...range(0, keys).flatMap((key) => [...keyRow(data[which], head, key)]),
        ]),
      );
    const inFront = async (count: number): Promise<Float32Array> => {
      const { y } = await attend({
        axes: shape(queries, count + keys),
        slots: { mask: prefixMask },
        data: {
          q: data.q,
          k: joined('k', count),
          v: joined('v', count),
          'mask.prefix': Uint32Array.of(count),
        },
      });
      return y!;
    };
    const context = await attend({ axes: shape(queries, keys), options: { causal: true, lse: true }, data });
    const learned = await attend({
      axes: shape(queries, memories),
      options: { lse: true },
      data: { q: data.q, ...memory },
    });
    const merged = await attend({
      kernel: attentionMerge,
      axes: { parts: 2, batch: 1, queries, heads, value_size: size },
      data: {
        parts: Float32Array.of(...context.y!, ...learned.y!),
        part_lse: Float32Array.of(...context.lse!, ...learned.lse!),
      },
    });
    const explicit = await byScores(queries, memories + keys, joined('v', memories), (head, query, key) =>
      key - memories > query + keys - queries
        ? -Infinity
        : scale *
          dot(
            queryRow(data.q, head, query),
            key < memories ? keyRow(memory.k, head, key) : keyRow(data.k, head, key - memories),
          ),
    );
    const front = await inFront(memories);
    expectClose(front, explicit);
    expectClose(merged.y!, explicit);
    expectClose(await inFront(0), context.y!);
  });

  test('cosine attention equals its formula and does not know how long a query is', async () => {
    const [queries, keys] = [9, 15];
    const data = drawAll(queries, keys);
    const factors = Float32Array.of(4, 10);
    const run = async (q: Float32Array<ArrayBuffer>): Promise<Float32Array> => {
      const { y } = await attend({
        axes: shape(queries, keys),
        scalars: { scale: 1 },
        slots: { load_q: unitLoadQ, load_k: unitLoadK, score: headTemperature },
        data: { ...data, q, 'score.factors': factors },
      });
      return y!;
    };
    const plain = await run(data.q);
    const explicit = await byScores(queries, keys, data.v, (head, query, key) => {
      const [a, b] = [queryRow(data.q, head, query), keyRow(data.k, head, key)];
      return (factors[head]! * dot(a, b)) / Math.sqrt(dot(a, a) * dot(b, b));
    });
    expectClose(plain, explicit, 5e-6);
    expectClose(await run(data.q.map((value) => value * 1000)), plain);
  });

  test('keys bound as queries too give exactly symmetric scores', async () => {
    const tokens = 8;
    const both = normalNumbers(tokens * heads * size, 1);
    // Values that pick out one key each, so that the output is the weights.
    const picks = each(heads * tokens * tokens, (i) =>
      i % tokens === Math.floor(i / tokens) % tokens ? 1 : 0,
    );
    const { y, lse } = await attend({
      axes: { ...shape(tokens, tokens), value_size: tokens },
      options: { k_strides: 'bshd', lse: true },
      data: { q: both, k: both, v: picks },
    });
    const score = (head: number, query: number, key: number): number =>
      Math.log(y![(query * heads + head) * tokens + key]!) + lse![head * tokens + query]!;
    for (const head of range(0, heads))
      for (const i of range(0, tokens))
        for (const j of range(0, i)) {
          const want = scale * dot(queryRow(both, head, i), queryRow(both, head, j));
          expect(score(head, i, j)).toBeCloseTo(want, 5);
          expect(score(head, j, i)).toBeCloseTo(want, 5);
        }
  });

  test('additive attention equals the network on joined vectors; without a bend it forgets the query', async () => {
    const [queries, keys] = [9, 15];
    const data = drawAll(queries, keys);
    const weights = normalNumbers(size, 4);
    const run = async (activation: 'tanh' | 'neg'): Promise<Float32Array> => {
      const { y } = await attend({
        axes: shape(queries, keys),
        scalars: { scale: 1 },
        slots: { similarity: additiveSimilarity({ headSize: size, activation: [activation, 'x'] }) },
        data: { ...data, 'similarity.weights': weights },
      });
      return y!;
    };
    const explicit = await byScores(queries, keys, data.v, (head, query, key) => {
      const k = keyRow(data.k, head, key);
      return dot(
        weights,
        queryRow(data.q, head, query).map((value, c) => Math.tanh(value + k[c]!)),
      );
    });
    expectClose(await run('tanh'), explicit, 1e-5);
    const straight = await run('neg');
    expectClose(queryRows(straight, [3]), queryRows(straight, [0]));
  });

  test('Gaussian attention is the dot product with a bias by the length of keys', async () => {
    const [queries, keys, variance] = [9, 15, 2];
    const data = drawAll(queries, keys);
    const input = { axes: shape(queries, keys), scalars: { scale: 1 / variance } };
    const gaussian = await attend({ ...input, slots: { similarity: gaussianSimilarity }, data });
    const biased = await attend({
      ...input,
      slots: { mask: additiveMask({ heads: true }) },
      data: {
        ...data,
        'mask.bias': table(1, keys, (head, _, key) => {
          const k = keyRow(data.k, head, key);
          return dot(k, k) / (-2 * variance);
        }),
      },
    });
    expectClose(gaussian.y!, biased.y!, 1e-5);
    const raw = await attend({
      ...input,
      slots: { similarity: gaussianSimilarity, weight: exponentialWeight },
      data,
    });
    const explicit = new Float32Array(raw.y!.length);
    for (const head of range(0, heads))
      for (const query of range(0, queries))
        for (const key of range(0, keys)) {
          const [q, k] = [queryRow(data.q, head, query), keyRow(data.k, head, key)];
          const apart = q.map((value, c) => value - k[c]!);
          const weight = Math.exp(-dot(apart, apart) / (2 * variance));
          keyRow(data.v, head, key).forEach((value, c) => {
            explicit[(query * heads + head) * size + c]! += weight * value;
          });
        }
    expectClose(raw.y!, explicit, 1e-5);
  });
});
