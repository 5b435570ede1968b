// What products and formulas take in, on the device under test, against f64: shapes that only a run knows, and operands that broadcast.
import { baselineCapabilities, isTilewrightError, normalStream } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { messageOf } from '@tilewright/tooling/message-of';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder, type GraphBuilder } from '../builder.ts';
import { compile } from '../compile.ts';
import type { ElementType, Graph } from '../ir.ts';
import { buildProduct } from '../oracle/build-product.ts';
import { interpret } from '../oracle/interpret.ts';
import { meanings } from '../registry.ts';
import { loadSession } from '../session.ts';
import { groupRmsNormalization } from './normalization/group-rms-normalization.ts';
import { rmsNormalizationOfRows } from './normalization/rms-normalization.ts';
import { add } from './pointwise/add.ts';
import { gelu } from './pointwise/gelu.ts';
import { mul } from './pointwise/mul.ts';
import { relu } from './pointwise/relu.ts';
import { sigmoid } from './pointwise/sigmoid.ts';
import { sub } from './pointwise/sub.ts';
import { tanh } from './pointwise/tanh.ts';
import { matMul, matMulOfWeight } from './products/mat-mul.ts';
import { gatherRowsOfWeight } from './shape/gather.ts';
import { transposeOfWeight } from './shape/transpose.ts';

const symbols = { batch: { max: 3 }, tokens: { max: 9 } } as const;
type Shape = readonly (number | 'batch' | 'tokens')[];

interface Case {
  readonly build: (
    g: GraphBuilder,
    of: (name: string, shape: Shape, dtype?: ElementType) => string,
  ) => string;
  /** Of the graph as it is compiled for the largest sizes, without what was let out. */
  readonly dispatches: number;
  readonly sizes?: Readonly<Record<'batch' | 'tokens', number>>;
}

const cases: Readonly<Record<string, Case>> = {
  'a product of activations, with a bias, an activation and a residual behind, for fewer rows and batches than planned':
    {
      build: (g, of) => {
        const { Y } = g.node(matMul, { A: of('a', ['batch', 'tokens', 12]), B: of('b', ['batch', 12, 20]) });
        const { C } = g.node(add, { A: Y, B: of('bias', [20]) });
        const active = g.node(gelu, { X: C }).Y;
        return g.node(add, { A: of('residual', ['batch', 'tokens', 20]), B: active }).C!;
      },
      dispatches: 1,
    },
  'one with columns that are no fours, and a matrix for all batches': {
    build: (g, of) => {
      const { Y } = g.node(matMul, { A: of('a', ['batch', 4, 'tokens', 5]), B: of('b', [5, 7]) });
      const { C } = g.node(mul, { A: Y, B: of('gain', [1, 1, 1, 7]) });
      return g.node(relu, { X: C }).Y!;
    },
    dispatches: 1,
  },
  'a product with a vector, whose result has no columns': {
    build: (g, of) => {
      const { Y } = g.node(matMul, { A: of('a', [2, 6, 5]), B: of('v', [5]) });
      return g.node(add, { A: Y, B: of('bias', [6]) }).C!;
    },
    // A number for each row is none for each column.
    dispatches: 2,
  },
  'a vector times a weight': {
    build: (g, of) => {
      const product = buildProduct(g, of('x', [12]), of('weight', [8, 12]));
      return g.node(tanh, { X: product }).Y!;
    },
    dispatches: 1,
  },
  'a weight for rows in f16, in several axes': {
    build: (g, of) => {
      const product = buildProduct(g, of('x', ['batch', 'tokens', 2, 12], 'f16'), of('weight', [8, 12]));
      return g.node(relu, { X: product }).Y!;
    },
    dispatches: 1,
  },
  'a norm of each head, with a gain and a residual behind': {
    build: (g, of) => {
      const inputs = { X: of('x', ['batch', 'tokens', 24]), scale: of('scale', [8]) };
      const { Y } = g.node(groupRmsNormalization, inputs, { groups: 3, epsilon: 1e-3 });
      const scaled = g.node(mul, { A: Y, B: of('column', [24]) }).C;
      return g.node(add, { A: scaled, B: of('residual', ['batch', 'tokens', 24]) }).C!;
    },
    dispatches: 1,
  },
  'a norm of parts that are no fours, without a gain': {
    build: (g, of) => {
      const { Y } = g.node(groupRmsNormalization, { X: of('x', ['batch', 'tokens', 21]) }, { groups: 3 });
      return g.node(relu, { X: Y }).Y!;
    },
    // Its epilogue takes fours.
    dispatches: 2,
  },
  'a formula of operands that lie in all ways: whole, for each column, row, batch, and one for all': {
    build: (g, of) => {
      const whole = of('whole', ['batch', 6, 8]);
      const biased = g.node(add, { A: whole, B: of('column', [8]) }).C;
      const scaled = g.node(mul, { A: of('row', [6, 1]), B: biased }).C;
      const shifted = g.node(sub, { A: of('each', ['batch', 1, 1]), B: scaled }).C;
      const active = g.node(sigmoid, { X: shifted }).Y;
      return g.node(mul, { A: g.node(mul, { A: active, B: of('one', []) }).C, B: whole }).C!;
    },
    dispatches: 1,
  },
  'a number for each token, behind a batch of one': {
    build: (g, of) => {
      const scaled = g.node(mul, { A: of('x', [1, 'tokens', 6]), B: of('token', [1, 'tokens', 1]) }).C;
      return g.node(add, { A: scaled, B: of('bias', [6]) }).C!;
    },
    dispatches: 1,
  },
  'what broadcasts a result to more elements is a dispatch of its own': {
    build: (g, of) => {
      const few = g.node(relu, { X: of('few', [1, 8]) }).Y;
      return g.node(add, { A: few, B: of('many', ['tokens', 8]) }).C!;
    },
    dispatches: 2,
  },
};

for (const [name, { build, dispatches }] of Object.entries(cases))
  test(`${name}: ${dispatches} calls`, () => {
    const { graph } = graphOf(build);
    expect(compile(graph, { capabilities: baselineCapabilities }).calls).toHaveLength(dispatches);
  });

test('a formula that doubles with each step is cut before it grows out of hand', () => {
  const { calls, peeled } = compile(doubling(30), { capabilities: baselineCapabilities });
  expect(calls.length).toBeGreaterThan(1);
  expect(calls.length).toBeLessThan(20);
  expect(peeled[0]!.reason).toBe(`[add.9] its formula is too long; a kernel takes 4096 characters.`);
});

function doubling(steps: number): Graph {
  const g = graphBuilder({});
  let x = g.input('x', 'f32', [4]);
  for (let step = 0; step < steps; step++) x = g.node(add, { A: x, B: x }).C!;
  return g.finish({ outputs: [x] });
}

describe('refused', () => {
  const message = (graph: Graph): string => {
    try {
      compile(graph, { capabilities: baselineCapabilities });
      return 'nothing was refused';
    } catch (error) {
      if (isTilewrightError(error)) return `${error.code}: ${error.message}`;
      throw error;
    }
  };

  test('a product of activations by the operator for weights', () => {
    const g = graphBuilder({});
    const { Y } = g.node(
      matMulOfWeight,
      { A: g.input('a', 'f32', [2, 3]), B: g.input('b', 'f32', [3, 4]) },
      {},
      'y',
    );
    expect(message(g.finish({ outputs: [Y!] }))).toBe(
      "bad-graph: [y] 'B' is not the transpose of a weight; build it with `matMul`.",
    );
  });

  test('the transpose for products, where something else reads it', () => {
    const g = graphBuilder({});
    const { transposed } = g.node(transposeOfWeight, { data: g.weight('w', [2, 3]) }, {}, 't');
    const said = 'bad-graph: [t] what is no product reads it; build it with `transpose`.';
    expect(message(g.finish({ outputs: [transposed!] }))).toBe(said);
    expect(message(g.finish({ outputs: [g.node(relu, { X: transposed }).Y!] }))).toBe(said);
  });

  test('rows by the operator for weights, of a tensor; and a norm of rows with a gain of another shape', () => {
    const g = graphBuilder({});
    const [data, indices] = [g.input('data', 'f32', [5, 4]), g.input('ids', 'u32', [2])];
    const { output } = g.node(gatherRowsOfWeight, { data, indices }, {}, 'rows');
    expect(message(g.finish({ outputs: [output!] }))).toBe(
      "bad-graph: [rows] 'data' is no weight; build it with `gather`.",
    );
    expect(
      messageOf(() => g.node(gatherRowsOfWeight, { data: g.weight('w', [3]), indices }, {}, 'few')),
    ).toBe("[few] 'data' has shape [3]; it must have 2 dimensions.");
    const scale = g.weight('scale', [5, 4]);
    expect(messageOf(() => g.node(rmsNormalizationOfRows, { X: data, scale }, {}, 'norm'))).toBe(
      "[norm] 'scale' has shape [5, 4]; it must be [4], a number for each column.",
    );
    expect(messageOf(() => g.node(rmsNormalizationOfRows, { X: data }, { axis: 0 }, 'all'))).toBe(
      "[all] the attribute 'axis' is 0; it must be -1.",
    );
  });

  test('groups that are not of equal length, or not of that of their gain', () => {
    const g = graphBuilder({});
    const X = g.input('x', 'f32', [2, 12]);
    const scale = g.input('scale', 'f32', [3]);
    const refusal = (groups: number): string =>
      messageOf(() => g.node(groupRmsNormalization, { X, scale }, { groups }, `norm ${groups}`));
    expect(refusal(5)).toBe('[norm 5] 5 groups are to be of 12 columns; groups are of equal length.');
    expect(refusal(3)).toBe("[norm 3] the size of 'scale' is 3; it must be 4.");
    expect(refusal(4)).toBe('nothing was thrown');
  });

  test('columns that only a run knows', () => {
    const g = graphBuilder({ n: { max: 4 } });
    const { Y } = g.node(
      matMul,
      { A: g.input('a', 'f32', [2, 3]), B: g.input('b', 'f32', [3, 'n']) },
      {},
      'y',
    );
    expect(message(g.finish({ outputs: [Y!] }))).toBe(
      "bad-graph: [y] 'Y' has shape [n, 3]; the size 'n' must be a number here.",
    );
  });
});

/** Inputs of the graph, and weights by the name `weight`. */
function graphOf(build: Case['build']) {
  const g = graphBuilder(symbols);
  const y = build(g, (name, shape, dtype = 'f32') =>
    name === 'weight' ? g.weight(name, shape as number[]) : g.input(name, dtype, shape),
  );
  return { graph: g.finish({ outputs: [y] }), y };
}

describe.skipIf(testProfile.compileOnly)('on a device', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const check = async (graph: Graph, y: string, sizes: Readonly<Record<string, number>>): Promise<void> => {
    const normal = normalStream(3);
    // Numbers that f16 holds exactly, so that storage is not what is tested.
    const draw = (name: string): Float32Array =>
      Float32Array.from(
        {
          length: graph.values[name]!.shape.reduce<number>(
            (n, size) => n * (sizes[size as string] ?? Number(size)),
            1,
          ),
        },
        () => Math.round(64 * normal()) / 64,
      );
    const inputs = Object.fromEntries(graph.inputs.map((name) => [name, draw(name)]));
    const weights = new Map(
      Object.keys(graph.weights).map((name) => [
        name,
        packDense(draw(name), graph.values[name]!.shape as number[], 'f32'),
      ]),
    );
    const { device, capabilities } = opened;
    const session = await loadSession(device, { all: compile(graph, { capabilities }) }, weights);
    try {
      session.executables.all!.run(sizes, inputs);
      const got = (await session.executables.all!.read(y)) as Float32Array;
      const want = interpret(meanings, graph, weights, inputs, sizes)[y]!;
      expect(got.length).toBe(want.length);
      const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const bound = graph.values[y]!.dtype === 'f16' ? 1e-3 : 2e-6;
      want.forEach((value, i) => expect(Math.abs(got[i]! - value)).toBeLessThanOrEqual(bound * largest));
    } finally {
      session.dispose();
    }
  };

  for (const [name, { build }] of Object.entries(cases))
    for (const sizes of [
      { batch: 3, tokens: 9 },
      { batch: 2, tokens: 5 },
      { batch: 1, tokens: 1 },
    ])
      test(`${name}: ${JSON.stringify(sizes)}`, async () => {
        const { graph, y } = graphOf(build);
        await check(graph, y, sizes);
      });

  test('a formula that is cut', async () => {
    const graph = doubling(14);
    await check(graph, graph.outputs[0]!, {});
  });
});
