// Recurrent cells of ONNX as nodes of a graph against what they mean in f64, all of the specification; and what must be equal. Published vectors
// are run by `npm run conformance`.
import { baselineCapabilities, type HostTensor } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { integer } from '@tilewright/kernels/weights/integer';
import { roundedWeight } from '@tilewright/kernels/weights/registry';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '../../builder.ts';
import { compile } from '../../compile.ts';
import type { Operator } from '../../ir.ts';
import { interpret } from '../../oracle/interpret.ts';
import { type NodeCase, runNode } from '../../oracle/run-node.ts';
import { meanings } from '../../registry.ts';
import { loadSession } from '../../session.ts';
import { gru } from './gru.ts';
import { lstm } from './lstm.ts';
import { rnn } from './rnn.ts';

const gates = { LSTM: 4, GRU: 3, RNN: 1 } as const;
type Kind = keyof typeof gates;

/** Roles besides X, W and R. */
type More = 'B' | 'sequence_lens' | 'initial_h' | 'initial_c' | 'P';

/** A node of `n` tokens (3 of at most 4) and `m` rows (2 of at most 2). */
function cell(
  operator: Operator,
  hidden: number,
  more: readonly More[],
  { attributes = {}, ...rest }: Partial<NodeCase> = {},
): NodeCase {
  const count = gates[operator.name as Kind] * hidden;
  const directions = attributes.direction === 'bidirectional' ? 2 : 1;
  const isBatchFirst = attributes.layout === 1;
  const state = isBatchFirst ? ['m', directions, hidden] : [directions, 'm', hidden];
  const shapes: Readonly<Record<More, NodeCase['inputs'][string]>> = {
    B: [directions, 2 * count],
    sequence_lens: { dtype: 'i32', shape: ['m'] },
    initial_h: state,
    initial_c: state,
    P: [directions, 3 * hidden],
  };
  return {
    operator,
    inputs: {
      X: isBatchFirst ? ['m', 'n', 5] : ['n', 'm', 5],
      W: [directions, count, 5],
      R: [directions, count, hidden],
      ...Object.fromEntries(more.map((role) => [role, shapes[role]])),
    },
    attributes: { hidden_size: hidden, ...attributes },
    draw: (normal) => normal / 2,
    data: { sequence_lens: [2, 3] },
    ...rest,
  };
}

const all: readonly More[] = ['B', 'sequence_lens', 'initial_h', 'initial_c', 'P'];
const most: readonly More[] = ['B', 'sequence_lens', 'initial_h'];
const names = [
  'Affine',
  'Elu',
  'HardSigmoid',
  'LeakyRelu',
  'Relu',
  'ScaledTanh',
  'Sigmoid',
  'Softplus',
  'Softsign',
  'Tanh',
  'ThresholdedRelu',
];

const cases: readonly NodeCase[] = [
  cell(lstm, 6, []),
  cell(lstm, 8, all),
  cell(lstm, 5, all, { attributes: { direction: 'reverse', clip: 0.4 } }),
  cell(lstm, 4, all, {
    attributes: { direction: 'bidirectional', layout: 1, input_forget: 1 },
  }),
  cell(lstm, 7, ['initial_c', 'P'], {
    attributes: { direction: 'bidirectional', clip: 0.7 },
  }),
  cell(lstm, 3, ['sequence_lens'], { data: { sequence_lens: [0, 9] } }),
  cell(lstm, 3, ['B', 'initial_h', 'sequence_lens'], {
    attributes: { direction: 'reverse', layout: 1 },
    data: { sequence_lens: [3, 0] },
  }),
  cell(lstm, 6, ['B'], {
    attributes: {
      direction: 'bidirectional',
      activations: ['HardSigmoid', 'Softsign', 'ScaledTanh', 'Sigmoid', 'LeakyRelu', 'Affine'],
      activation_alpha: [0.3, 0.9, 0.2, 1.1],
      activation_beta: [0.4, 0.8, -0.1],
    },
  }),
  cell(lstm, 8, all, { dtype: 'f16' }),
  cell(gru, 6, []),
  cell(gru, 8, most, { attributes: { direction: 'bidirectional' } }),
  cell(gru, 5, most, {
    attributes: { direction: 'reverse', linear_before_reset: 1, layout: 1 },
  }),
  cell(gru, 7, ['B'], {
    attributes: {
      direction: 'bidirectional',
      linear_before_reset: 1,
      clip: 0.5,
    },
  }),
  cell(gru, 4, most, { attributes: { layout: 1, clip: 0.3 } }),
  cell(gru, 4, most, {
    attributes: {
      direction: 'bidirectional',
      activations: ['Sigmoid', 'Elu', 'HardSigmoid', 'ThresholdedRelu'],
      activation_alpha: [0.5],
    },
    dtype: 'f16',
  }),
  cell(rnn, 6, []),
  cell(rnn, 8, most, {
    attributes: { direction: 'bidirectional', activations: ['Tanh', 'Relu'] },
  }),
  cell(rnn, 5, most, { attributes: { direction: 'reverse', layout: 1 } }),
  cell(rnn, 5, most, {
    attributes: { activations: ['Tanh', 'Tanh'] },
    dtype: 'f16',
  }),
  ...names.map((name) =>
    cell(rnn, 3, ['B'], {
      attributes: {
        activations: [name],
        clip: 1.5,
        ...(/Affine|ScaledTanh/.test(name) && {
          activation_alpha: [0.7],
          activation_beta: [0.6],
        }),
      },
    }),
  ),
];

test('a device of the least limits takes all inputs of an LSTM, with a dispatch for each token', () => {
  const g = graphBuilder({ n: { min: 1, max: 4 }, m: { min: 1, max: 2 } });
  const { inputs, attributes } = cell(lstm, 8, all, { attributes: { direction: 'bidirectional' } });
  const values = Object.entries(inputs).map(([role, type]) => [
    role,
    g.input(
      role,
      role === 'sequence_lens' ? 'i32' : 'f32',
      'shape' in type ? type.shape! : (type as readonly number[]),
    ),
  ]);
  const made = g.node(lstm, Object.fromEntries(values) as Record<string, string>, attributes, 'node');
  const { calls } = compile(g.finish({ outputs: Object.values(made) }), {
    capabilities: baselineCapabilities,
  });
  expect(calls.at(-1)!.program.plan.variant).toBe('steps');
});

type Numbers = ArrayLike<number>;

const largestOf = (values: Numbers): number =>
  Array.from(values).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);

describe.skipIf(testProfile.compileOnly)('recurrent cells', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  test.each(
    cases.map(
      (each) =>
        [each.operator.name, each.attributes ?? {}, Object.keys(each.inputs).join(' '), each] as const,
    ),
  )('%s of %j, %s', async (_, __, ___, node) => {
    const { results } = await runNode(opened.device, meanings, node);
    for (const { dtype, got, wants } of Object.values(results)) {
      for (const want of wants) {
        const bound = (dtype === 'f16' ? 2e-3 : 2e-6) * Math.max(largestOf(want), 1e-3);
        expect(got.length).toBe(want.length);
        const worst = Array.from(want).reduce(
          (most, value, i) => Math.max(most, Math.abs(value - got[i]!)),
          0,
        );
        expect(worst).toBeLessThanOrEqual(bound);
      }
    }
  });

  test('states of f32 beside tokens of f16 stay f32', async () => {
    const node = cell(lstm, 4, ['initial_h', 'initial_c'], { dtype: 'f16' });
    const state = { dtype: 'f32' as const, shape: [1, 'm', 4] };
    const { results } = await runNode(opened.device, meanings, {
      ...node,
      inputs: { ...node.inputs, initial_h: state, initial_c: state },
    });
    expect(Object.fromEntries(Object.entries(results).map(([role, { dtype }]) => [role, dtype]))).toEqual({
      Y: 'f16',
      Y_h: 'f32',
      Y_c: 'f32',
    });
    for (const role of ['Y_h', 'Y_c']) {
      const { got, wants } = results[role]!;
      for (const [i, value] of wants[0]!.entries()) expect(Math.abs(value - got[i]!)).toBeLessThan(1e-6);
    }
  });

  /** Outputs of a node of some numbers, by role; `variant` picks the kernel's. */
  async function run(
    operator: Operator,
    inputs: Readonly<
      Record<
        string,
        {
          readonly shape: readonly number[];
          readonly data: Float32Array | Int32Array;
        }
      >
    >,
    attributes: NodeCase['attributes'],
    variant?: string,
  ): Promise<Readonly<Record<string, Float32Array>>> {
    const g = graphBuilder({});
    const values = Object.fromEntries(
      Object.entries(inputs).map(([role, { shape, data }]) => [
        role,
        g.input(role, data instanceof Int32Array ? 'i32' : 'f32', shape),
      ]),
    );
    const made = g.node(operator, values, attributes, 'node');
    const compiled = compile(g.finish({ outputs: Object.values(made) }), {
      capabilities: opened.device.capabilities,
      choosePlan: (_, plans) => plans.find((plan) => plan.variant === variant) ?? plans[0]!,
    });
    const session = await loadSession(opened.device, { compiled }, new Map());
    try {
      session.executables.compiled!.run(
        {},
        Object.fromEntries(Object.entries(inputs).map(([role, { data }]) => [role, data])),
      );
      const results: Record<string, Float32Array> = {};
      for (const [role, value] of Object.entries(made))
        results[role] = (await session.executables.compiled!.read(value)) as Float32Array;
      return results;
    } finally {
      session.dispose();
    }
  }

  const drawn = (seed: number, shape: readonly number[], scale = 0.5) => ({
    shape,
    data: Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => scale * Math.sin(1 + 12.9898 * i + 78.233 * seed),
    ),
  });
  const kinds = [
    [lstm, 4],
    [gru, 3],
    [rnn, 1],
  ] as const;

  test.each(kinds)(
    '%o: what lies behind the length of a row changes nothing, in both forms',
    async (operator, count) => {
      const X = drawn(1, [6, 2, 3]);
      const inputs = {
        X,
        W: drawn(2, [2, 5 * count, 3]),
        R: drawn(3, [2, 5 * count, 5]),
        sequence_lens: { shape: [2], data: Int32Array.of(4, 6) },
      };
      const attributes = { direction: 'bidirectional' };
      const touched = X.data.map((value, i) => (Math.floor(i / 6) >= 4 && i % 6 < 3 ? NaN : value));
      for (const variant of ['persistent', 'steps']) {
        const clean = await run(operator, inputs, attributes, variant);
        const dirty = await run(operator, { ...inputs, X: { ...X, data: touched } }, attributes, variant);
        expect(dirty).toEqual(clean);
        // Tokens, directions, rows, units: row 0 of tokens 4 and 5 is 0, and nothing else.
        clean.Y!.forEach((value, i) => {
          const isBehind = Math.floor(i / 20) >= 4 && i % 10 < 5;
          expect([i, value === 0]).toEqual([i, isBehind]);
        });
      }
    },
  );

  test.each(kinds)('%o: backwards is forwards of the sequence turned round', async (operator, count) => {
    const X = drawn(4, [7, 1, 3]);
    const weights = {
      W: drawn(5, [1, 6 * count, 3]),
      R: drawn(6, [1, 6 * count, 6]),
    };
    const turned = (x: Float32Array, width: number): Float32Array =>
      x.map((_, i) => x[(6 - Math.floor(i / width)) * width + (i % width)]!);
    const backwards = await run(operator, { X, ...weights }, { direction: 'reverse' });
    const forwards = await run(operator, { X: { ...X, data: turned(X.data, 3) }, ...weights }, {});
    expect(turned(forwards.Y!, 6)).toEqual(backwards.Y);
    expect(forwards.Y_h).toEqual(backwards.Y_h);
    const both = await run(
      operator,
      {
        X,
        W: {
          shape: [2, 6 * count, 3],
          data: Float32Array.of(...weights.W.data, ...weights.W.data),
        },
        R: {
          shape: [2, 6 * count, 6],
          data: Float32Array.of(...weights.R.data, ...weights.R.data),
        },
      },
      { direction: 'bidirectional' },
    );
    expect(both.Y!.filter((_, i) => i % 12 >= 6)).toEqual(backwards.Y);
  });

  test.each(['f32', 'int4'])('weights of a model, %s tokens to gates', async (stored) => {
    const [hidden, width] = [8, 64];
    const g = graphBuilder({ tokens: { max: 6 } });
    const X = g.input('X', 'f32', ['tokens', 2, width]);
    const rows = 2 * 4 * hidden;
    // Rows of both directions below each other, as formats have rows; or a matrix for each.
    const W = g.weight('W', stored === 'f32' ? [2, rows / 2, width] : [rows, width]);
    const R = g.weight('R', [rows, hidden]);
    const B = g.weight('B', [2, rows]);
    const made = g.node(lstm, { X, W, R, B }, { direction: 'bidirectional' }, 'node');
    const graph = g.finish({ outputs: [made.Y!, made.Y_c!] });
    const weight = (seed: number, shape: readonly number[]): HostTensor => {
      const { data } = drawn(seed, shape, 0.2);
      return stored === 'int4' && seed === 1
        ? roundedWeight(integer({ bits: 4, group: 32 }), data, shape)
        : packDense(data, shape, 'f32');
    };
    const weights = new Map([
      ['W', weight(1, graph.values[W]!.shape as number[])],
      ['R', weight(2, [rows, hidden])],
      ['B', weight(3, [2, rows])],
    ]);
    const formats = new Map([...weights].map(([name, { format }]) => [name, format]));
    const { device } = opened;
    const compiled = compile(graph, {
      capabilities: device.capabilities,
      formats,
    });
    // The weight is read as it is stored: a product and the recurrence.
    if (stored === 'int4') expect(compiled.calls.map(({ program }) => program.kernel).length).toBe(2);
    const session = await loadSession(device, { compiled }, weights);
    try {
      for (const tokens of [5, 1]) {
        const inputs = { X: drawn(4, [tokens, 2, width]).data };
        session.executables.compiled!.run({ tokens }, inputs);
        const want = interpret(meanings, graph, weights, inputs, { tokens });
        for (const value of graph.outputs) {
          const got = await session.executables.compiled!.read(value);
          expect(got.length).toBe(want[value]!.length);
          want[value]!.forEach((each, i) => expect(Math.abs(each - got[i]!)).toBeLessThan(2e-6));
        }
      }
    } finally {
      session.dispose();
    }
  });
});
