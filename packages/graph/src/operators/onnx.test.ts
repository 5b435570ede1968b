// ONNX operators on the device under test, against what the standard says in f64: what its published vectors leave out.
import { normalStream } from '@tilewright/kernels';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '../builder.ts';
import { compile } from '../compile.ts';
import type { ValueData } from '../executable.ts';
import type { Attribute, ElementType } from '../ir.ts';
import { plainAttention, type PlainAttention, type PlainTensor } from './attention/plain-attention.ts';
import { interpret } from '../oracle/interpret.ts';
import { meanings, operators } from '../registry.ts';
import { tensorScatter } from './cache/tensor-scatter.ts';
import { findOperator } from './find-operator.ts';
import { add } from './pointwise/add.ts';
import { dequantizeLinear } from './products/dequantize-linear.ts';
import { loadSession } from '../session.ts';

interface Input extends PlainTensor {
  readonly dtype: ElementType;
}

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

let seed = 1;
const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
/** Numbers that f16 holds exactly, so that storage is not what is tested. */
const draw = (shape: readonly number[], dtype: ElementType = 'f32'): Input => {
  const normal = normalStream(seed++);
  return {
    dtype,
    shape,
    data: Float32Array.from({ length: count(shape) }, () => Math.round(64 * normal()) / 64),
  };
};
const u32 = (shape: readonly number[], data: readonly number[]): Input => ({ dtype: 'u32', shape, data });

const typed = ({ dtype, data }: Input): ValueData => {
  if (dtype === 'u32') return Uint32Array.from(data);
  if (dtype === 'i32') return Int32Array.from(data);
  if (dtype === 'u8') return Uint8Array.from(data);
  return dtype === 'i8' ? Int8Array.from(data) : Float32Array.from(data);
};

/** Runs one node and reads the outputs asked for. */
async function runNode(
  op: string,
  inputs: Readonly<Record<string, Input>>,
  attributes: Readonly<Record<string, Attribute>>,
  outputs: readonly string[],
): Promise<readonly ValueData[]> {
  const builder = graphBuilder({});
  const roles = Object.fromEntries(
    Object.entries(inputs).map(([role, { dtype, shape }]) => [role, builder.input(role, dtype, shape)]),
  );
  const made = builder.node(findOperator(operators, '', op), roles, attributes, 'node');
  const graph = builder.finish({ outputs: outputs.map((role) => made[role]!) });
  const { device, capabilities } = opened;
  const compiled = compile(graph, { capabilities });
  const session = await loadSession(device, { compiled }, new Map());
  try {
    const { compiled: main } = session.executables;
    // What no output needs is not an input of the compiled graph.
    const read = Object.entries(inputs).filter(([role]) => compiled.graph.inputs.includes(role));
    main!.run({}, Object.fromEntries(read.map(([role, input]) => [role, typed(input)])));
    const results: ValueData[] = [];
    for (const role of outputs) results.push(await main!.read(made[role]!));
    // What the device gives is what the operator means, and what those it is made of mean.
    const data = Object.fromEntries(Object.entries(inputs).map(([role, input]) => [role, input.data]));
    for (const meant of [graph, compiled.graph]) {
      const values = interpret(meanings, meant, new Map(), data, {});
      outputs.forEach((role, i) => {
        const name = made[role]!;
        expectClose(results[i]!, values[name]!, graph.values[name]!.dtype === 'f16' ? 2e-3 : 1e-5);
      });
    }
    return results;
  } finally {
    session.dispose();
  }
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-5): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    const wanted = want[i]!;
    const bound = wanted === -Infinity ? 0 : tolerance * (1 + Math.abs(wanted));
    const off = wanted === -Infinity && got[i]! <= -65504 ? 0 : Math.abs(got[i]! - wanted);
    if (!(off <= bound)) expect.fail(`element ${i} is ${got[i]} instead of ${wanted}`);
  }
}

const boolean = (shape: readonly number[], data: readonly number[]) => ({
  ...u32(shape, data),
  boolean: true,
});
const additive = (shape: readonly number[], dtype: ElementType = 'f32') => ({
  ...draw(shape, dtype),
  boolean: false,
});
const bits = (shape: readonly number[]): readonly number[] =>
  Array.from({ length: count(shape) }, (_, i) => ((i * 7 + 3) % 5 > 1 ? 1 : 0));

type AttentionCase = Omit<PlainAttention, 'q' | 'k' | 'v' | 'mask' | 'pastKey' | 'pastValue'> & {
  readonly name: string;
  readonly q: Input;
  readonly k: Input;
  readonly v: Input;
  readonly mask?: Input & { readonly boolean: boolean };
  readonly pastKey?: Input;
  readonly pastValue?: Input;
  readonly outputs: readonly ('Y' | 'present_key' | 'present_value' | 'qk_matmul_output')[];
};

const attentionCases: readonly AttentionCase[] = [
  {
    name: 'packed heads in groups, past and new keys of other lengths, windows both ways, a short mask, biased scores',
    q: draw([2, 4, 24]),
    k: draw([2, 2, 8]),
    v: draw([2, 2, 10]),
    mask: additive([2, 1, 4, 6]),
    pastKey: draw([2, 2, 5, 4]),
    pastValue: draw([2, 2, 5, 5]),
    attributes: {
      q_num_heads: 6,
      kv_num_heads: 2,
      left_window_size: 1,
      right_window_size: 2,
      softcap: 2,
      qk_matmul_output_mode: 2,
    },
    outputs: ['Y', 'present_key', 'present_value', 'qk_matmul_output'],
  },
  {
    name: 'valid lengths from none to all, causal, a window, a mask of booleans by key, weights',
    q: draw([3, 4, 3, 8]),
    k: draw([3, 2, 7, 8]),
    v: draw([3, 2, 7, 6]),
    mask: boolean([5], [1, 0, 1, 1, 1]),
    lengths: [0, 2, 7],
    attributes: { is_causal: 1, left_window_size: 3, qk_matmul_output_mode: 3 },
    outputs: ['Y', 'qk_matmul_output'],
  },
  {
    name: 'a mask of booleans by head, more queries than keys, a scale, raw scores',
    q: draw([2, 2, 11, 5]),
    k: draw([2, 2, 3, 5]),
    v: draw([2, 2, 3, 7]),
    mask: boolean([2, 11, 3], bits([2, 11, 3])),
    attributes: { is_causal: 1, scale: 0.3, softcap: 1.5 },
    outputs: ['Y', 'qk_matmul_output'],
  },
  {
    name: 'a mask with one column for all keys beyond the first, none of them attended',
    q: draw([1, 1, 2, 4]),
    k: draw([1, 1, 5, 4]),
    v: draw([1, 1, 5, 4]),
    mask: additive([2, 1]),
    attributes: { qk_matmul_output_mode: 3 },
    outputs: ['Y', 'qk_matmul_output'],
  },
];

describe.skipIf(testProfile.compileOnly)('ONNX Attention', () => {
  test.each(attentionCases)('$name', async (input) => {
    await checkAttention(input);
  });

  test('in f16: past and present, causal, an f16 mask', async () => {
    const half = (shape: readonly number[]): Input => draw(shape, 'f16');
    await checkAttention(
      {
        name: 'f16',
        q: half([2, 2, 3, 6]),
        k: half([2, 2, 3, 6]),
        v: half([2, 2, 3, 5]),
        mask: additive([1, 7], 'f16'),
        pastKey: half([2, 2, 4, 6]),
        pastValue: half([2, 2, 4, 5]),
        attributes: { is_causal: 1, softmax_precision: 1, qk_matmul_output_mode: 2 },
        outputs: ['Y', 'present_key', 'present_value', 'qk_matmul_output'],
      },
      1e-3,
    );
  });

  test('presents alone, of keys and values that no cache precedes', async () => {
    const k = draw([2, 5, 12]);
    const v = draw([2, 5, 9]);
    const attributes = { q_num_heads: 6, kv_num_heads: 3 };
    await checkAttention({
      name: '',
      q: draw([2, 3, 24]),
      k,
      v,
      attributes,
      outputs: ['present_key', 'present_value'],
    });
  });
});

async function checkAttention(input: AttentionCase, tolerance?: number): Promise<void> {
  const { q, k, v, mask, pastKey, pastValue, lengths, attributes, outputs } = input;
  const got = await runNode(
    'Attention',
    {
      Q: q,
      K: k,
      V: v,
      ...(mask && { attn_mask: mask }),
      ...(pastKey && pastValue && { past_key: pastKey, past_value: pastValue }),
      ...(lengths && { nonpad_kv_seqlen: u32([lengths.length], Array.from(lengths)) }),
    },
    attributes,
    outputs,
  );
  const want = plainAttention(input);
  const of = {
    Y: want.y,
    present_key: want.presentKey,
    present_value: want.presentValue,
    qk_matmul_output: want.scores,
  };
  outputs.forEach((role, i) => expectClose(got[i]!, of[role], tolerance));
}

describe.skipIf(testProfile.compileOnly)('ONNX operators', () => {
  const at = (index: readonly number[], shape: readonly number[]): number =>
    shape.reduce((sum, size, axis) => sum * size + (size === 1 ? 0 : index[axis]!), 0);
  /** Every index of a shape, in order. */
  const indices = (shape: readonly number[]): number[][] =>
    Array.from({ length: count(shape) }, (_, i) => {
      let rest = i;
      return shape
        .toReversed()
        .map((size) => {
          const digit = rest % size;
          rest = Math.floor(rest / size);
          return digit;
        })
        .toReversed();
    });

  test('a norm whose scale and bias broadcast', async () => {
    const [x, scale, bias] = [draw([2, 3, 5]), draw([3, 1]), draw([5])];
    const [y, mean] = await runNode(
      'LayerNormalization',
      { X: x, Scale: scale, B: bias },
      { axis: 1, epsilon: 0.01 },
      ['Y', 'Mean'],
    );
    const means = [0, 1].map(
      (row) =>
        Array.from(x.data)
          .slice(15 * row, 15 * row + 15)
          .reduce((a, b) => a + b) / 15,
    );
    expectClose(mean!, means);
    expectClose(
      y!,
      indices(x.shape).map((index, i) => {
        const row = Array.from(x.data).slice(15 * index[0]!, 15 * index[0]! + 15);
        const own = means[index[0]!]!;
        const variance = row.reduce((sum, each) => sum + (each - own) ** 2, 0) / 15;
        const plain = (x.data[i]! - own) / Math.sqrt(variance + 0.01);
        return plain * scale.data[index[1]!]! + bias.data[index[2]!]!;
      }),
    );
  });

  test('an RMS norm with a scale for the last axis only, in f16', async () => {
    const [x, scale] = [draw([2, 3, 5], 'f16'), draw([5], 'f16')];
    const [y] = await runNode('RMSNormalization', { X: x, scale }, { axis: 1 }, ['Y']);
    const want = indices(x.shape).map((index, i) => {
      const row = Array.from(x.data).slice(15 * index[0]!, 15 * index[0]! + 15);
      const rms = Math.sqrt(row.reduce((sum, each) => sum + each * each, 0) / 15 + 1e-5);
      return (x.data[i]! / rms) * scale.data[index[2]!]!;
    });
    expectClose(y!, want, 2e-3);
  });

  test('softmax along a middle axis, and its logarithm along the first', async () => {
    const x = draw([3, 4, 5]);
    const sumOver = (axis: number, index: readonly number[]): number =>
      Array.from({ length: x.shape[axis]! }, (_, j) =>
        Math.exp(
          x.data[
            at(
              index.map((each, i) => (i === axis ? j : each)),
              x.shape,
            )
          ]!,
        ),
      ).reduce((a, b) => a + b);
    const [y] = await runNode('Softmax', { input: x }, { axis: 1 }, ['output']);
    expectClose(
      y!,
      indices(x.shape).map((index, i) => Math.exp(x.data[i]!) / sumOver(1, index)),
    );
    const [log] = await runNode('LogSoftmax', { input: x }, { axis: -3 }, ['output']);
    expectClose(
      log!,
      indices(x.shape).map((index, i) => x.data[i]! - Math.log(sumOver(0, index))),
    );
  });

  test('rotary embedding of packed heads, partial and interleaved', async () => {
    const [x, cos, sin] = [draw([2, 3, 16]), draw([9, 3]), draw([9, 3])];
    const ids = u32([2, 3], [8, 0, 3, 1, 1, 7]);
    const [y] = await runNode(
      'RotaryEmbedding',
      { X: x, cos_cache: cos, sin_cache: sin, position_ids: ids },
      { interleaved: 1, num_heads: 2, rotary_embedding_dim: 6 },
      ['Y'],
    );
    const want = Array.from(x.data, (value, i) => {
      const [channel, token] = [i % 8, Math.floor(i / 16)];
      if (channel >= 6) return value;
      const table = ids.data[token]! * 3 + (channel >> 1);
      const other = x.data[channel % 2 === 0 ? i + 1 : i - 1]!;
      return value * cos.data[table]! + (channel % 2 === 0 ? -other : other) * sin.data[table]!;
    });
    expectClose(y!, want);
  });

  test('rows of a middle axis in f16, indices of two dimensions that count from the end or are beyond', async () => {
    const data = draw([3, 5, 6], 'f16');
    const indices: Input = { dtype: 'i32', shape: [2, 2], data: [-1, 0, 4, 5] };
    const [y] = await runNode('Gather', { data, indices }, { axis: 1 }, ['output']);
    const want = Array.from({ length: 3 * 4 * 6 }, (_, i) => {
      const [slab, place, channel] = [Math.floor(i / 24), Math.floor(i / 6) % 4, i % 6];
      const row = [4, 0, 4, undefined][place];
      return row === undefined ? 0 : data.data[(slab * 5 + row) * 6 + channel]!;
    });
    expectClose(y!, want, 0);
  });

  test('the last of equal largest elements along a middle axis, and the first along the last', async () => {
    const data: Input = { dtype: 'f32', shape: [2, 3, 2], data: [1, 4, 2, 4, 2, 0, -5, -1, -7, -1, -6, -1] };
    const [last] = await runNode('ArgMax', { data }, { axis: 1, select_last_index: 1 }, ['reduced']);
    expect([...last!]).toEqual([2, 1, 0, 2]);
    const [first] = await runNode('ArgMax', { data }, { axis: -1, keepdims: 0 }, ['reduced']);
    expect([...first!]).toEqual([1, 1, 0, 1, 1, 1]);
  });

  test('a circular cache along the second axis', async () => {
    const [past, update] = [draw([2, 4, 3, 2]), draw([2, 3, 3, 2])];
    const [y] = await runNode(
      'TensorScatter',
      { past_cache: past, update, write_indices: u32([2], [2, 7]) },
      { axis: 1, mode: 'circular' },
      ['present_cache'],
    );
    const want = Array.from(past.data);
    [2, 7].forEach((start, batch) =>
      [0, 1, 2].forEach((token) =>
        [0, 1, 2, 3, 4, 5].forEach((i) => {
          want[batch * 24 + ((start + token) % 4) * 6 + i] = update.data[batch * 18 + token * 6 + i]!;
        }),
      ),
    );
    expectClose(y!, want);
  });

  test('a cache that is a state is written in place', async () => {
    const builder = graphBuilder({});
    const past = builder.state('cache', 'f32', [1, 2, 4, 3]);
    const update = builder.input('update', 'f32', [1, 2, 1, 3]);
    const starts = builder.input('starts', 'u32', [1]);
    const made = builder.node(tensorScatter, { past_cache: past, update, write_indices: starts });
    const doubled = builder.node(add, { A: made.present_cache, B: made.present_cache }).C!;
    const graph = builder.finish({ outputs: [doubled], states: { cache: made.present_cache! } });
    const { device, capabilities } = opened;
    const compiled = compile(graph, { capabilities });
    expect(compiled.graph.nodes.map(({ operator }) => operator.name)).toEqual(['TensorScatter', 'Add']);
    const session = await loadSession(device, { compiled }, new Map());
    try {
      const { compiled: main } = session.executables;
      main!.run({}, { update: Float32Array.of(1, 2, 3, 4, 5, 6), starts: Uint32Array.of(0) });
      main!.run({}, { update: Float32Array.of(7, 8, 9, 10, 11, 12), starts: Uint32Array.of(2) });
      expect(Array.from(await main!.read(doubled))).toEqual([
        2, 4, 6, 0, 0, 0, 14, 16, 18, 0, 0, 0, 8, 10, 12, 0, 0, 0, 20, 22, 24, 0, 0, 0,
      ]);
    } finally {
      session.dispose();
    }
  });

  test('integer products whose leading axes broadcast, zero points by row and by column', async () => {
    const integers = (shape: readonly number[], dtype: 'u8' | 'i8', step: number): Input => ({
      dtype,
      shape,
      data: Array.from({ length: count(shape) }, (_, i) => ((i * step) % 251) - (dtype === 'i8' ? 125 : 0)),
    });
    const [a, b] = [integers([2, 1, 3, 5], 'u8', 97), integers([4, 5, 6], 'i8', 61)];
    const [aZero, bZero] = [integers([3], 'u8', 83), integers([4, 1, 6], 'i8', 29)];
    const [y] = await runNode('MatMulInteger', { A: a, B: b, a_zero_point: aZero, b_zero_point: bZero }, {}, [
      'Y',
    ]);
    const want = indices([2, 4, 3, 6]).map(([d, e, m, n]) => {
      let sum = 0;
      for (let k = 0; k < 5; k++)
        sum +=
          (a.data[(d! * 3 + m!) * 5 + k]! - aZero.data[m!]!) *
          (b.data[(e! * 5 + k) * 6 + n!]! - bZero.data[e! * 6 + n!]!);
      return sum;
    });
    expect(Array.from(y!)).toEqual(want);
  });

  test('products whose leading axes broadcast both ways, and of a vector', async () => {
    const [a, b, v] = [draw([2, 1, 3, 5]), draw([4, 5, 6]), draw([5])];
    const [y] = await runNode('MatMul', { A: a, B: b }, {}, ['Y']);
    const dot = (from: number, by: (k: number) => number): number =>
      [0, 1, 2, 3, 4].reduce((sum, k) => sum + a.data[from + k]! * by(k), 0);
    const want = indices([2, 4, 3, 6]).map(([d, e, m, n]) =>
      dot((d! * 3 + m!) * 5, (k) => b.data[(e! * 5 + k) * 6 + n!]!),
    );
    expectClose(y!, want);
    const [z] = await runNode('MatMul', { A: a, B: v }, {}, ['Y']);
    expectClose(
      z!,
      indices([2, 1, 3]).map(([d, , m]) => dot((d! * 3 + m!) * 5, (k) => v.data[k]!)),
    );
  });

  test('bytes that are given as something else are refused', async () => {
    const x: Input = { dtype: 'i8', shape: [4], data: [1, 2, 3, 4] };
    const builder = graphBuilder({});
    const roles = { x: builder.input('x', 'i8', x.shape), x_scale: builder.input('scale', 'f32', [1]) };
    const graph = builder.finish({ outputs: [builder.node(dequantizeLinear, roles).y!] });
    const { device, capabilities } = opened;
    const compiled = compile(graph, { capabilities });
    const session = await loadSession(device, { compiled }, new Map());
    try {
      expect(() => session.executables.compiled!.run({}, { x: Float32Array.of(1) })).toThrow(
        '[x] a Float32Array was given; the tensor stores i8. Fix: give a Int8Array, or an array of numbers.',
      );
    } finally {
      session.dispose();
    }
  });

  test('integers to f16 by blocks along the last axis', async () => {
    const x: Input = { dtype: 'i8', shape: [3, 5], data: Array.from({ length: 15 }, (_, i) => 13 * i - 90) };
    const scale = draw([3, 3]);
    const zero: Input = { dtype: 'i8', shape: [3, 3], data: [0, -3, 7, 1, 2, 3, -8, 9, 4] };
    const [y] = await runNode(
      'DequantizeLinear',
      { x, x_scale: scale, x_zero_point: zero },
      { axis: -1, block_size: 2, output_dtype: 10 },
      ['y'],
    );
    const block = (i: number): number => Math.floor(i / 5) * 3 + Math.floor((i % 5) / 2);
    expectClose(
      y!,
      Array.from(x.data, (each, i) => (each - zero.data[block(i)]!) * scale.data[block(i)]!),
      1e-3,
    );
  });

  test('sums of shapes that broadcast both ways, and a transpose', async () => {
    const [a, b] = [draw([3, 1, 5]), draw([4, 1])];
    const [sum] = await runNode('Add', { A: a, B: b }, {}, ['C']);
    expectClose(
      sum!,
      indices([3, 4, 5]).map(([i, j, k]) => a.data[i! * 5 + k!]! + b.data[j!]!),
    );
    const x = draw([2, 3, 4, 5]);
    const [y] = await runNode('Transpose', { data: x }, { perm: [2, 0, 3, 1] }, ['transposed']);
    expectClose(
      y!,
      indices([4, 2, 5, 3]).map(([i, j, k, l]) => x.data[at([j!, l!, i!, k!], x.shape)]!),
    );
  });
});
