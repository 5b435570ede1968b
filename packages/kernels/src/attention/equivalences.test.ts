// Attention computed in two ways must agree: chunked = whole, split = unsplit, step by step = prefill, masks = options.
import { evaluate, type Kernel, normalNumbers, type Plan, type ProblemInput } from '@tilewright/kernels';
import type { Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { additiveMask, blockMask, booleanMask, documentMask } from './fillings/index.ts';
import { attentionMerge } from './attention-merge/index.ts';
import { headMajor } from './check-cases.ts';
import { decodeAttention } from './decode-attention/index.ts';
import { flashAttention } from './flash-attention/index.ts';
import { masked } from './slots.ts';

type Numbers = Float32Array | Uint32Array;

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

interface Run extends ProblemInput {
  readonly kernel?: Kernel;
  /** Contents by binding; a repeated array is one buffer bound several times. */
  readonly data: Readonly<Record<string, Numbers>>;
  readonly choose?: (plans: readonly Plan[]) => Plan;
  /** Sizes at run time, where they differ from the planned ones. */
  readonly sizes?: Readonly<Record<string, number>>;
}

/** The outputs of one run on the adapter under test. */
async function attend({
  kernel = flashAttention,
  data,
  choose,
  sizes,
  ...input
}: Run): Promise<Record<string, Float32Array>> {
  const { device, capabilities } = opened;
  // Keys and values are drawn head by head.
  const orders = 'k_strides' in kernel.definition.options! && headMajor;
  const problem = kernel.problem({ ...input, options: { ...orders, ...input.options } });
  const plans = kernel.plans(problem, capabilities);
  const program = kernel.program(problem, choose?.(plans) ?? plans[0]!);
  const values = { ...problem.axes, ...sizes };
  const shared = new Map<Numbers, Tensor>();
  const bindings: Record<string, Tensor> = {};
  for (const { name, role } of program.bindings) {
    const given = data[name];
    if (given) bindings[name] = shared.get(given) ?? device.tensor([given.length], given);
    else if (role === 'scratch')
      bindings[name] = device.tensor([
        evaluate(program.scratch.find((each) => each.name === name)!.sizeBytes, values) / 4,
      ]);
    else bindings[name] = device.tensor(kernel.outputs[name]!.shape.map((axis) => values[axis]!));
    if (given) shared.set(given, bindings[name]);
  }
  const sequence = await device.sequence([{ program, bindings, sizes: values }]);
  sequence.run({});
  const outputs: Record<string, Float32Array> = {};
  for (const { name, role } of program.bindings)
    if (role === 'output') outputs[name] = (await bindings[name]!.read()) as Float32Array;
  sequence.dispose();
  for (const tensor of new Set(Object.values(bindings))) tensor.dispose();
  return outputs;
}

const expectClose = expectWithin(2e-6);
const [heads, kvHeads, size] = [4, 2, 8];
const shape = (queries: number, keys: number, batch = 1): ProblemInput['axes'] => ({
  batch,
  queries,
  keys,
  heads,
  kv_heads: kvHeads,
  head_size: size,
  value_size: size,
});
const drawAll = (queries: number, keys: number, batch = 1): Record<'q' | 'k' | 'v', Float32Array> => ({
  q: normalNumbers(batch * queries * heads * size, 1),
  k: normalNumbers(batch * kvHeads * keys * size, 2),
  v: normalNumbers(batch * kvHeads * keys * size, 3),
});
const rows = (values: Float32Array, from: number, to: number): Float32Array =>
  values.slice(from * heads * size, to * heads * size);

// SwiftShader gets its share by the kernels' own tests; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`attention (${testProfile.name})`, () => {
  test('chunks of queries over a growing cache, and single steps, equal the whole', async () => {
    const data = drawAll(21, 24);
    const whole = await attend({
      axes: shape(21, 24),
      options: { causal: true, lengths: true },
      data: { ...data, lengths: Uint32Array.of(21) },
    });
    for (const [from, to] of [
      [0, 9],
      [9, 10],
      [10, 21],
    ] as const) {
      const part = await attend({
        axes: shape(21, 24),
        options: { causal: true, lengths: true },
        data: { ...data, q: rows(data.q, from, to), lengths: Uint32Array.of(to) },
        sizes: { queries: to - from },
      });
      expectClose(part.y!, rows(whole.y!, from, to));
    }
    for (const step of [0, 7, 20]) {
      const one = await attend({
        kernel: decodeAttention,
        axes: shape(1, 24),
        options: { causal: true, lengths: true },
        data: { ...data, q: rows(data.q, step, step + 1), lengths: Uint32Array.of(step + 1) },
      });
      expectClose(one.y!, rows(whole.y!, step, step + 1));
    }
  });

  test('split equals unsplit, with rows shorter than the first split', async () => {
    const data = { ...drawAll(2, 600, 3), lengths: Uint32Array.of(600, 3, 0) };
    const input = {
      kernel: decodeAttention,
      axes: shape(2, 600, 3),
      options: { lengths: true, lse: true },
      data,
    };
    const splits = (want: (count: number) => boolean) => (plans: readonly Plan[]) =>
      plans.find((plan) => want(Number(plan.splits)))!;
    const one = await attend({ ...input, choose: splits((count) => count === 1) });
    const many = await attend({ ...input, choose: splits((count) => count > 1) });
    expectClose(many.y!, one.y!);
    expectClose(many.lse!.slice(0, 16), one.lse!.slice(0, 16));
    expect(Array.from(many.lse!.slice(16))).toEqual(Array(8).fill(Math.fround(masked)));
  });

  test('parts merged by log-sum-exp equal the whole', async () => {
    const data = drawAll(5, 40);
    const keysOf = (values: Float32Array, from: number, to: number): Float32Array =>
      Float32Array.from({ length: kvHeads * (to - from) * size }, (_, i) => {
        const [head, rest] = [Math.floor(i / ((to - from) * size)), i % ((to - from) * size)];
        return values[head * 40 * size + from * size + rest]!;
      });
    const whole = await attend({ axes: shape(5, 40), options: { lse: true }, data });
    const parts = await Promise.all(
      [
        [0, 13],
        [13, 40],
      ].map(([from, to]) =>
        attend({
          axes: shape(5, to! - from!),
          options: { lse: true },
          data: { q: data.q, k: keysOf(data.k, from!, to!), v: keysOf(data.v, from!, to!) },
        }),
      ),
    );
    const merged = await attend({
      kernel: attentionMerge,
      axes: { parts: 2, batch: 1, queries: 5, heads, value_size: size },
      options: { lse: true },
      data: {
        parts: Float32Array.of(...parts[0]!.y!, ...parts[1]!.y!),
        part_lse: Float32Array.of(...parts[0]!.lse!, ...parts[1]!.lse!),
      },
    });
    expectClose(merged.y!, whole.y!);
    expectClose(merged.lse!, whole.lse!);
  });

  test('a window by option, by boolean mask and by additive mask', async () => {
    const [queries, keys] = [19, 33];
    const data = drawAll(queries, keys);
    const sees = (query: number, key: number): boolean => Math.abs(query + keys - queries - key) <= 4;
    const each = <Value>(of: (seen: boolean) => Value): Value[] =>
      Array.from({ length: queries * keys }, (_, i) => of(sees(Math.floor(i / keys), i % keys)));
    const axes = shape(queries, keys);
    const byOption = await attend({ axes, options: { window_left: 4, window_right: 4 }, data });
    const allowed = Uint32Array.from(each((seen) => (seen ? 1 : 0)));
    const byBoolean = await attend({
      axes,
      slots: { mask: booleanMask({ queries: true }) },
      data: { ...data, 'mask.allowed': allowed },
    });
    expectClose(byBoolean.y!, byOption.y!);
    for (const least of [-Infinity, -3.4028234663852886e38]) {
      const bias = Float32Array.from(each((seen) => (seen ? 0 : least)));
      const byBias = await attend({
        axes,
        slots: { mask: additiveMask({ queries: true }) },
        data: { ...data, 'mask.bias': bias },
      });
      expectClose(byBias.y!, byOption.y!);
    }
  });

  test('a block-sparse mask equals the same mask by element', async () => {
    const [queries, keys] = [70, 100];
    const data = drawAll(queries, keys);
    const blocks = Uint32Array.of(1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0);
    const allowed = Uint32Array.from(
      { length: queries * keys },
      (_, i) => blocks[Math.floor(i / keys / 32) * 4 + Math.floor((i % keys) / 32)]!,
    );
    const axes = shape(queries, keys);
    const sparse = await attend({
      axes,
      slots: { mask: blockMask({ size: 32, queryBlocks: 3, keyBlocks: 4 }) },
      data: { ...data, 'mask.blocks': blocks },
    });
    const dense = await attend({
      axes,
      slots: { mask: booleanMask({ queries: true }) },
      data: { ...data, 'mask.allowed': allowed },
    });
    expectClose(sparse.y!, dense.y!);
    expect([...rows(sparse.y!, 64, 70)].every((value) => value === 0)).toBe(true);
  });

  test('documents packed in a row equal documents in rows of their own', async () => {
    const lengths = [5, 17, 9];
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const data = drawAll(total, total);
    const documents = Uint32Array.from(lengths.flatMap((length, i) => Array<number>(length).fill(i)));
    const options = { causal: true, k_strides: 'bshd', v_strides: 'bshd' };
    const packed = await attend({
      axes: shape(total, total),
      options,
      slots: { mask: documentMask },
      data: { ...data, 'mask.documents': documents },
    });
    let from = 0;
    for (const length of lengths) {
      const cut = (values: Float32Array, width: number): Float32Array =>
        values.slice(from * width, (from + length) * width);
      const alone = await attend({
        axes: shape(length, length),
        options,
        data: {
          q: cut(data.q, heads * size),
          k: cut(data.k, kvHeads * size),
          v: cut(data.v, kvHeads * size),
        },
      });
      expectClose(rows(packed.y!, from, from + length), alone.y!);
      from += length;
    }
  });

  test('slices of one packed projection equal tensors of their own', async () => {
    const tokens = 11;
    const packed = normalNumbers(tokens * 3 * heads * size, 5);
    const slice = (part: number): Float32Array =>
      Float32Array.from({ length: tokens * heads * size }, (_, i) => {
        const [token, rest] = [Math.floor(i / (heads * size)), i % (heads * size)];
        return packed[(token * 3 + part) * heads * size + rest]!;
      });
    const axes = { ...shape(tokens, tokens), kv_heads: heads };
    const apart = await attend({
      axes,
      options: { k_strides: 'bshd', v_strides: 'bshd' },
      data: { q: slice(0), k: slice(1), v: slice(2) },
    });
    const together = await attend({
      axes,
      options: { q_strides: 'b s 0/3 h d', k_strides: 'b s 1/3 h d', v_strides: 'b s 2/3 h d' },
      data: { q: packed, k: packed, v: packed },
    });
    expect(together.y).toEqual(apart.y);
  });

  test('rows without keys are zero, and what lies past the lengths is never read', async () => {
    const [queries, keys] = [6, 40];
    const data = drawAll(queries, keys, 2);
    const lengths = Uint32Array.of(4, 0);
    const clean = await attend({
      axes: shape(queries, keys, 2),
      options: { causal: true, lengths: true },
      data: { ...data, lengths },
    });
    expect(
      [...rows(clean.y!, 0, 2), ...rows(clean.y!, queries, 2 * queries)].every((value) => value === 0),
    ).toBe(true);
    const spoilt = { ...data, k: data.k.slice(), v: data.v.slice() };
    for (const tensor of [spoilt.k, spoilt.v])
      tensor.forEach((_, i) => {
        if (i >= kvHeads * keys * size || Math.floor(i / size) % keys >= 4) tensor[i] = NaN;
      });
    const dirty = await attend({
      axes: shape(queries, keys, 2),
      options: { causal: true, lengths: true },
      data: { ...spoilt, lengths },
    });
    expect(dirty.y).toEqual(clean.y);
    expect(rows(clean.y!, 2, 6).some((value) => value !== 0)).toBe(true);
  });

  test('a Program made for the largest sizes runs with smaller ones', async () => {
    const data = drawAll(7, 9, 2);
    const exact = await attend({ axes: shape(7, 9, 2), options: { causal: true }, data });
    const resized = await attend({
      axes: shape(64, 300, 3),
      options: { causal: true },
      data,
      sizes: { batch: 2, queries: 7, keys: 9 },
    });
    expectClose(resized.y!, exact.y!);
  });
});
