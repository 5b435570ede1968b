// What papers say of linear attention in its forms, through graphs: each against the sum over all pairs of tokens that it stands for.
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawnNumbers, relativeError, sketch, type Sketched } from '../../oracle/sketch.ts';
import { layerNormalization } from '../normalization/layer-normalization.ts';
import { softmax } from '../normalization/softmax.ts';
import { add } from '../pointwise/add.ts';
import { mul } from '../pointwise/mul.ts';
import { generalizedDelta } from './generalized-delta.ts';
import { kernelAttention } from './kernel-attention.ts';
import { linearAttention } from './linear-attention.ts';
import { matrixLstm } from './matrix-lstm.ts';
import { stateSpaceDual } from './state-space-dual.ts';

type Numbers = Float32Array;
const [tokens, size, width] = [37, 8, 5];
const heads = { q_num_heads: 1, kv_num_heads: 1 };
const forms = ['walk', 'chunks'];

const draw = (seed: number, columns: number, rows = tokens): Numbers => drawnNumbers(seed, rows * columns);
const row = (x: ArrayLike<number>, i: number, columns: number): number[] =>
  Array.from({ length: columns }, (_, c) => x[i * columns + c]!);
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** `y_i = Σ_j weight(i, j) v_j`, over j up to `last(i)`; with a bound, over the sum of weights and it. */
function pairs(
  [queries, keys]: readonly [number, number],
  v: ArrayLike<number>,
  weight: (i: number, j: number) => number,
  { isCausal = true, epsilon }: { readonly isCausal?: boolean; readonly epsilon?: number } = {},
): Float64Array {
  const columns = v.length / keys;
  const y = new Float64Array(queries * columns);
  for (let i = 0; i < queries; i++) {
    const weights = Array.from({ length: isCausal ? i + 1 : keys }, (_, j) => weight(i, j));
    const all = epsilon === undefined ? 1 : weights.reduce((a, b) => a + b, epsilon);
    for (let c = 0; c < columns; c++)
      y[i * columns + c] = weights.reduce((sum, each, j) => sum + each * v[j * columns + c]!, 0) / all;
  }
  return y;
}

/** Rows with mean 0 and variance 1, times `gain`, plus `shift`. */
const normal = (x: Numbers, columns: number, gain: Numbers, shift: Numbers): Float64Array =>
  Float64Array.from(x, (value, at) => {
    const each = row(x, Math.floor(at / columns), columns);
    const mean = each.reduce((a, b) => a + b) / columns;
    const variance = each.reduce((sum, other) => sum + (other - mean) ** 2, 0) / columns;
    const c = at % columns;
    return ((value - mean) / Math.sqrt(variance + 1e-5)) * gain[c]! + shift[c]!;
  });

describe.skipIf(testProfile.compileOnly)('linear attention', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const expectAll = async (
    sketched: Sketched,
    data: Record<string, Numbers>,
    want: ArrayLike<number>,
    variants: readonly string[] = forms,
  ): Promise<void> => {
    for (const variant of variants) {
      const [got] = await sketched.onDevice(opened.device, data, {}, variant);
      expect(relativeError(got!, want)).toBeLessThan(1e-5);
    }
  };

  test('GNOT: queries see functions of any number of points each, with weights that sum to 1', async () => {
    const points = [7, 13];
    const s = sketch();
    const q = s.input('q', [1, tokens, size]);
    const seen = points.map((count, l) => {
      const inputs = { Q: q, K: s.input(`k${l}`, [1, count, size]), V: s.input(`v${l}`, [1, count, size]) };
      return s.first(kernelAttention, inputs, { ...heads, feature_map: 'softmax', epsilon: 0 });
    });
    const sum = s.first(add, { A: seen[0]!, B: seen[1]! });
    const mean = s.first(mul, { A: sum, B: s.input('share', [1]) });
    const sketched = s.finish(s.first(add, { A: s.first(softmax, { input: q }, { axis: -1 }), B: mean }));
    const data: Record<string, Numbers> = { q: draw(1, size), share: Float32Array.of(0.5) };
    points.forEach((count, l) => {
      data[`k${l}`] = draw(2 + l, size, count);
      data[`v${l}`] = draw(4 + l, size, count);
    });
    const soft = (x: readonly number[]): number[] => {
      const all = x.reduce((total, value) => total + Math.exp(value), 0);
      return x.map((value) => Math.exp(value) / all);
    };
    const features = (x: Numbers, i: number): number[] => soft(row(x, i, size));
    const want = Float64Array.from(
      { length: tokens * size },
      (_, at) => features(data.q!, Math.floor(at / size))[at % size]!,
    );
    points.forEach((count, l) => {
      const weight = (i: number, j: number): number => dot(features(data.q!, i), features(data[`k${l}`]!, j));
      const part = pairs([tokens, count], data[`v${l}`]!, weight, { isCausal: false, epsilon: 0 });
      part.forEach((value, at) => (want[at]! += value / 2));
    });
    await expectAll(sketched, data, want, ['walk']);
    // Values that are all 1 stay 1.
    const ones = { ...data, v0: data.v0!.map(() => 1), v1: data.v1!.map(() => 1) };
    const [got] = await sketched.onDevice(opened.device, ones);
    got!.forEach((value, at) =>
      expect(value - features(data.q!, Math.floor(at / size))[at % size]!).toBeCloseTo(1, 5),
    );
  });

  test('ReBased: squares of products of normalised queries and keys', async () => {
    const s = sketch();
    const normed = (part: string): string =>
      s.first(layerNormalization, {
        X: s.input(part, [1, tokens, size]),
        Scale: s.input(`${part}_gain`, [size]),
        B: s.input(`${part}_shift`, [size]),
      });
    const inputs = { Q: normed('q'), K: normed('k'), V: s.input('v', [1, tokens, width]) };
    const sketched = s.finish(
      s.first(kernelAttention, inputs, { ...heads, feature_map: 'square', causal: 1 }),
    );
    const data: Record<string, Numbers> = { v: draw(3, width) };
    for (const [seed, part] of ['q', 'k'].entries()) {
      data[part] = draw(seed, size);
      data[`${part}_gain`] = draw(7 + seed, size, 1);
      data[`${part}_shift`] = draw(9 + seed, size, 1);
    }
    const [q, k] = ['q', 'k'].map((part) =>
      normal(data[part]!, size, data[`${part}_gain`]!, data[`${part}_shift`]!),
    ) as [Float64Array, Float64Array];
    const weight = (i: number, j: number): number => dot(row(q, i, size), row(k, j, size)) ** 2;
    await expectAll(sketched, data, pairs([tokens, tokens], data.v!, weight, { epsilon: 1e-6 }));
    // Where all weights are 0, epsilon is what is left to divide by.
    const [none] = await sketched.onDevice(opened.device, {
      ...data,
      q_gain: new Float32Array(size),
      q_shift: new Float32Array(size),
    });
    expect(new Set(none)).toEqual(new Set([0]));
  });

  test('SLAB and Galerkin: both orders of the products agree', async () => {
    const data: Record<string, Numbers> = { q: draw(1, size), k: draw(2, size), v: draw(3, width) };
    const s = sketch();
    const [q, k, v] = [
      s.input('q', [1, tokens, size]),
      s.input('k', [1, tokens, size]),
      s.input('v', [1, tokens, width]),
    ];
    const slab = s.finish(s.first(kernelAttention, { Q: q, K: k, V: v }, { ...heads, feature_map: 'relu' }));
    const relu = (x: Numbers, i: number): number[] => row(x, i, size).map((value) => Math.max(value, 0));
    const positive = (i: number, j: number): number => dot(relu(data.q!, i), relu(data.k!, j));
    const shape = [tokens, tokens] as const;
    await expectAll(slab, data, pairs(shape, data.v!, positive, { isCausal: false, epsilon: 1e-6 }), [
      'walk',
    ]);

    const g = sketch();
    const normed = (part: string, columns: number): string =>
      g.first(layerNormalization, {
        X: g.input(part, [1, tokens, columns]),
        Scale: g.input(`${part}_gain`, [columns]),
        B: g.input(`${part}_shift`, [columns]),
      });
    const inputs = { Q: g.input('q', [1, tokens, size]), K: normed('k', size), V: normed('v', width) };
    const sums = g.first(kernelAttention, inputs, { ...heads, feature_map: 'identity', normalize: 0 });
    const galerkin = g.finish(g.first(mul, { A: sums, B: g.input('share', [1]) }));
    const more: Record<string, Numbers> = {
      ...data,
      share: Float32Array.of(1 / tokens),
      k_gain: draw(5, size, 1),
      k_shift: draw(6, size, 1),
      v_gain: draw(7, width, 1),
      v_shift: draw(8, width, 1),
    };
    const keys = normal(data.k!, size, more.k_gain!, more.k_shift!);
    const values = normal(data.v!, width, more.v_gain!, more.v_shift!);
    const weight = (i: number, j: number): number => dot(row(data.q!, i, size), row(keys, j, size)) / tokens;
    await expectAll(galerkin, more, pairs(shape, values, weight, { isCausal: false }), ['walk']);
  });

  test('DeltaNet: orthonormal keys with strength 1 are recalled exactly', async () => {
    // A reflection: its rows are orthonormal.
    const u = [0.5, -0.5, 0.5, 0.1, 0.3, -0.3, 0.1, 0.2];
    const length = Math.hypot(...u);
    const key = Float32Array.from(
      { length: size * size },
      (_, at) =>
        Number(Math.floor(at / size) === at % size) -
        (2 * u[Math.floor(at / size)]! * u[at % size]!) / length ** 2,
    );
    const s = sketch();
    const part = (name: string, columns: number): string => s.input(name, [1, size, columns]);
    const made = s.node(
      linearAttention,
      {
        query: part('query', size),
        key: part('key', size),
        value: part('value', width),
        beta: part('beta', 1),
      },
      { ...heads, update_rule: 'delta', scale: 1 },
    );
    const sketched = s.finish(made.present_state!);
    const value = draw(4, width, size);
    const data = { query: key, key, value, beta: new Float32Array(size).fill(1) };
    for (const variant of forms) {
      const [state] = await sketched.onDevice(opened.device, data, {}, variant);
      const recalled = Float64Array.from({ length: size * width }, (_, at) =>
        dot(
          row(key, Math.floor(at / width), size),
          Array.from({ length: size }, (__, i) => state![i * width + (at % width)]!),
        ),
      );
      expect(relativeError(recalled, value)).toBeLessThan(1e-6);
    }
  });

  test('MOHAWK: a state space is the matrix of its decays, B and C', async () => {
    const s = sketch();
    const part = (name: string, columns: number): string => s.input(name, [1, tokens, columns]);
    const inputs = {
      x: part('x', width),
      dt: part('dt', 1),
      A: s.input('A', [1]),
      B: part('B', size),
      C: part('C', size),
      D: s.input('D', [1]),
    };
    const sketched = s.finish(s.first(stateSpaceDual, inputs, { heads: 1 }));
    const data: Record<string, Numbers> = {
      x: draw(1, width),
      dt: draw(2, 1).map(Math.abs),
      A: Float32Array.of(-0.7),
      B: draw(3, size),
      C: draw(4, size),
      D: Float32Array.of(0.3),
    };
    const weight = (i: number, j: number): number => {
      const between = data.dt!.slice(j + 1, i + 1).reduce((a, b) => a + b, 0);
      const read = dot(row(data.C!, i, size), row(data.B!, j, size));
      return Math.exp(data.A![0]! * between) * data.dt![j]! * read + (i === j ? data.D![0]! : 0);
    };
    await expectAll(sketched, data, pairs([tokens, tokens], data.x!, weight));
  });

  test('RWKV-7: without what it erases, a decay for each key is all there is', async () => {
    const s = sketch();
    const part = (name: string, columns: number): string => s.input(name, [1, tokens, columns]);
    const [r, w, k, v] = [part('r', size), part('w', size), part('k', size), part('v', width)];
    const a = part('a', size);
    const general = s.first(generalizedDelta, { r, w, k, a, b: part('b', size), v }, { heads: 1 });
    const gated = s.first(
      linearAttention,
      { query: r, key: k, value: v, decay: w },
      { ...heads, update_rule: 'gated', scale: 1 },
    );
    const sketched = s.finish(general, gated);
    const data = {
      r: draw(1, size),
      w: draw(2, size).map((value) => -Math.abs(value)),
      k: draw(3, size),
      v: draw(4, width),
      a: new Float32Array(tokens * size),
      b: draw(5, size),
    };
    for (const variant of forms) {
      const [one, other] = await sketched.onDevice(opened.device, data, {}, variant);
      expect(relativeError(one!, other!)).toBeLessThan(2e-6);
    }
  });

  test('Vision-LSTM: a block that scans backwards is one over the patches turned round', async () => {
    const columns = { q: size, k: size, v: width, i: 1, f: 1 };
    const scan = (reverse: number): Sketched => {
      const s = sketch();
      const inputs = Object.fromEntries(
        Object.entries(columns).map(([name, count]) => [name, s.input(name, [1, tokens, count])]),
      );
      return s.finish(s.first(matrixLstm, inputs, { heads: 1, reverse }));
    };
    const turned = (x: Numbers, count: number): Numbers =>
      x.map((_, at) => x[(tokens - 1 - Math.floor(at / count)) * count + (at % count)]!);
    for (const spread of [3, 60]) {
      const data = Object.fromEntries(
        Object.entries(columns).map(([name, count], seed) => [
          name,
          draw(seed, count).map((value) => (count === 1 ? spread * value : value)),
        ]),
      );
      const round = Object.fromEntries(
        Object.entries(columns).map(([name, count]) => [name, turned(data[name]!, count)]),
      );
      for (const variant of forms) {
        const [backwards] = await scan(1).onDevice(opened.device, data, {}, variant);
        const [forwards] = await scan(0).onDevice(opened.device, round, {}, variant);
        expect(backwards!.every(Number.isFinite)).toBe(true);
        expect([...backwards!]).toEqual([...turned(forwards!, width)]);
      }
    }
  });

  test('TimelyGPT: gaps of any length decay by a power of them', async () => {
    const s = sketch();
    const part = (name: string, columns: number): string => s.input(name, [1, tokens, columns]);
    const sketched = s.finish(
      s.first(
        linearAttention,
        { query: part('q', size), key: part('k', size), value: part('v', width), decay: part('decay', 1) },
        { ...heads, update_rule: 'gated', scale: 1 },
      ),
    );
    const logarithm = Math.log(0.9);
    const gaps = draw(9, 1).map((value) => 0.1 + 3 * Math.abs(value));
    const data = {
      q: draw(1, size),
      k: draw(2, size),
      v: draw(3, width),
      decay: gaps.map((gap) => logarithm * gap),
    };
    const times = gaps.map((_, i) => gaps.slice(0, i + 1).reduce((a, b) => a + b, 0));
    const weight = (i: number, j: number): number =>
      0.9 ** (times[i]! - times[j]!) * dot(row(data.q, i, size), row(data.k, j, size));
    await expectAll(sketched, data, pairs([tokens, tokens], data.v, weight));
  });
});
