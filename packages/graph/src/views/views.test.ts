// Views compute what copies compute, and both what the operators mean: over random chains of shape operators with sizes of a run.
import {
  baselineCapabilities,
  type Extent,
  normalStream,
  type Sizes,
  type StateDict,
} from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GraphBuilder, graphBuilder } from '../builder.ts';
import { type CompiledGraph, compile } from '../compile.ts';
import { explain } from '../explain.ts';
import { extentAlgebra } from '../extent/index.ts';
import type { ElementType, Graph, Operator } from '../ir.ts';
import { rmsNormalization } from '../operators/normalization/rms-normalization.ts';
import { add } from '../operators/pointwise/add.ts';
import { relu } from '../operators/pointwise/relu.ts';
import { gram } from '../operators/products/gram.ts';
import { matMul } from '../operators/products/mat-mul.ts';
import { attention } from '../operators/attention/attention.ts';
import { concat } from '../operators/shape/concat.ts';
import { expand } from '../operators/shape/expand.ts';
import { reshape } from '../operators/shape/reshape.ts';
import { slice } from '../operators/shape/slice.ts';
import { split } from '../operators/shape/split.ts';
import { transpose } from '../operators/shape/transpose.ts';
import { unsqueeze } from '../operators/shape/unsqueeze.ts';
import { interpret } from '../oracle/interpret.ts';
import { meanings } from '../registry.ts';
import { loadSession } from '../session.ts';
import { subgraph } from '../subgraph.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

const symbols = { n: { min: 1, max: 5 }, m: { min: 2, max: 6, multipleOf: 2 } };
const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Runs a graph of floats with numbers drawn for its inputs; expects what it means. */
async function expectMeaning(
  graph: Graph,
  sizes: Sizes,
  weights: StateDict = new Map(),
): Promise<CompiledGraph> {
  const compiled = compile(graph, { capabilities: opened.capabilities });
  const values = extentAlgebra(graph.symbols);
  const drawn: Record<string, Float32Array> = {};
  for (const [seed, name] of compiled.graph.inputs.entries()) {
    const shape = graph.values[name]!.shape.map((size) => Number(values.substitute(size, sizes)));
    const normal = normalStream(seed + 1);
    // Numbers that f16 holds exactly.
    drawn[name] = Float32Array.from({ length: count(shape) }, () => Math.round(32 * normal()) / 32);
  }
  const session = await loadSession(opened.device, { compiled }, weights);
  try {
    session.executables.compiled!.run(sizes, drawn);
    for (const meant of [graph, compiled.graph]) {
      const want = interpret(meanings, meant, weights, drawn, sizes);
      for (const output of graph.outputs) {
        const got = await session.executables.compiled!.read(output);
        const tolerance = graph.values[output]!.dtype === 'f16' ? 4e-3 : 2e-5;
        expect(got.length).toBe(want[output]!.length);
        got.forEach((value: number, i: number) => {
          const wanted = want[output]![i]!;
          if (!(Math.abs(value - wanted) <= tolerance * (1 + Math.abs(wanted))))
            expect.fail(`${output}[${i}] is ${value} instead of ${wanted}`);
        });
      }
    }
  } finally {
    session.dispose();
  }
  return compiled;
}

interface Step {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
}
interface Value {
  readonly name: string;
  readonly shape: readonly Extent[];
}

/** Puts a shape operator behind a value, of the kind and the places that a step says, or none where it says what is not there. */
function follow(g: GraphBuilder, { name, shape }: Value, { kind, a, b }: Step, i: number): Value {
  const sizes = extentAlgebra(symbols);
  const axis = a % shape.length;
  const size = shape[axis]!;
  const integers = (what: string, elements: readonly Extent[]): string =>
    g.integers(`${what} ${i}`, [elements.length], elements);
  const put = (
    operator: Operator,
    inputs: Record<string, string>,
    attributes: object,
    next: readonly Extent[],
  ): Value => {
    const made = g.node(
      operator,
      { [operator.inputs[0]!.name]: name, ...inputs },
      { ...attributes },
      `step ${i}`,
    );
    return { name: Object.values(made)[b % Object.keys(made).length]!, shape: next };
  };
  switch (kind % 6) {
    case 0: {
      const perm = shape.map((_, at) => at);
      [perm[axis], perm[b % shape.length]] = [perm[b % shape.length]!, perm[axis]!];
      return put(
        transpose,
        {},
        { perm },
        perm.map((at) => shape[at]!),
      );
    }
    case 1: {
      // An axis and the next become one.
      if (axis === shape.length - 1) return { name, shape };
      const joined = sizes.product(size, shape[axis + 1]!);
      const next = [...shape.slice(0, axis), joined, ...shape.slice(axis + 2)];
      return put(reshape, { shape: integers('shape', next) }, {}, next);
    }
    case 2: {
      // One axis becomes two.
      const part = 2 + (b % 3);
      const rest = sizes.quotient(size, part);
      if (rest === undefined || shape.length > 4) return { name, shape };
      const next = [
        ...shape.slice(0, axis),
        ...(b % 2 ? [rest, part] : [part, rest]),
        ...shape.slice(axis + 1),
      ];
      return put(reshape, { shape: integers('shape', next) }, {}, next);
    }
    case 3: {
      const step = [1, 1, 2, -1, -2][b % 5]!;
      if (sizes.atMost(2, size) !== 'yes') return { name, shape };
      const [start, end] = step > 0 ? [b % 2, Infinity] : [-1 - (b % 2), -Infinity];
      const taken = sizes.ceilQuotient(sizes.difference(size, b % 2), Math.abs(step));
      return put(
        slice,
        {
          starts: integers('starts', [start]),
          ends: integers('ends', [end]),
          axes: integers('axes', [axis]),
          steps: integers('steps', [step]),
        },
        {},
        shape.with(axis, taken),
      );
    }
    case 4: {
      if (sizes.divides(2, size) !== 'yes') return { name, shape };
      return put(split, {}, { axis, num_outputs: 2 }, shape.with(axis, sizes.quotient(size, 2)!));
    }
    default: {
      if (shape.length > 3) return { name, shape };
      const next = [...shape.slice(0, axis), 1 + (b % 3), ...shape.slice(axis)];
      const one = g.node(unsqueeze, { data: name, axes: integers('axes', [axis]) }, {}, `unsqueeze ${i}`);
      const made = g.node(expand, { input: one.expanded!, shape: integers('shape', next) }, {}, `step ${i}`);
      return { name: made.output!, shape: next };
    }
  }
}

const chains = fc.record({
  dtype: fc.constantFrom('f32' as const, 'f16' as const),
  shape: fc.constantFrom<readonly Extent[]>(['n', 6, 4], ['m', 'n', 8], [3, 'm', 5], [12, 7], [2, 'n', 3, 4]),
  steps: fc.array(fc.record({ kind: fc.nat(5), a: fc.nat(11), b: fc.nat(11) }), {
    minLength: 1,
    maxLength: 5,
  }),
  reader: fc.nat(6),
  n: fc.integer({ min: 1, max: 5 }),
  m: fc.constantFrom(2, 4, 6),
});

type Chain = typeof chains extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function chainGraph({ dtype, shape, steps, reader }: Chain): Graph {
  const g = graphBuilder(symbols);
  const x = g.input('x', dtype, shape);
  let value: Value = { name: x, shape };
  for (const [i, step] of steps.entries()) value = follow(g, value, step, i);
  const { name } = value;
  const last = value.shape.at(-1)!;
  const read = (): string => {
    if (reader === 0 || name === x) return g.node(relu, { X: name }).Y!;
    if (reader === 1) return g.node(add, { A: name, B: g.input('y', dtype, value.shape) }).C!;
    if (reader === 4) return g.node(add, { A: g.input('z', dtype, [2, ...value.shape]), B: name }).C!;
    if (reader === 5) {
      // With itself and a part of something else, along an axis that is none.
      const shape = value.shape.with(0, 2);
      return g.node(concat, { a: name, b: g.input('b', dtype, shape), c: name }, { axis: 0 }).concat_result!;
    }
    const isStatic = value.shape.slice(1).every((size) => typeof size === 'number');
    if (reader === 6 && isStatic && value.shape.length > 1)
      return g.node(matMul, { A: name, B: g.input('b', dtype, [last, 3]) }, {}, 'product').Y!;
    if (reader === 2 && typeof last === 'number') return g.node(rmsNormalization, { X: name }).Y!;
    return name;
  };
  return g.finish({ outputs: [read()] });
}

describe.skipIf(testProfile.compileOnly)('views', () => {
  test('of views, read by rows, element by element, or returned', async () => {
    await fc.assert(
      fc.asyncProperty(chains, async (chain) => {
        const compiled = await expectMeaning(chainGraph(chain), { n: chain.n, m: chain.m });
        // A reader takes any order, so that nothing but joined axes and outputs is copied.
        const reasons = compiled.copies.map(({ reason }) => reason);
        expect(
          reasons.filter((reason) => !/joins axes|returns is row-major|in digits of its axes/.test(reason)),
        ).toEqual([]);
        expect(compiled.calls.length).toBeLessThanOrEqual(
          compiled.copies.length + (chain.reader === 5 ? 2 : 1),
        );
      }),
      { numRuns: testProfile.subset ? 10 : 40 },
    );
  }, 300_000);

  const heads = { q: 4, kv: 2, size: 8 };
  /** A tensor of heads as `[batch, heads, tokens, size]`, of packed `[batch, tokens, heads · size]`. */
  const headsFirst = (g: GraphBuilder, name: string, packed: string, count: number): string => {
    const target = g.integers(`${name} shape`, [4], [0, 0, count, heads.size]);
    const apart = g.node(reshape, { data: packed, shape: target }, {}, `${name} heads`).reshaped!;
    return g.node(transpose, { data: apart }, { perm: [0, 2, 1, 3] }, `${name} first`).transposed!;
  };
  const attended = (dtype: ElementType): Graph => {
    const g = graphBuilder(symbols);
    const width = (count: number): number => count * heads.size;
    const x = g.input('x', dtype, [2, 'n', width(heads.q + 2 * heads.kv)]);
    const sizes = g.integers('widths', [3], [width(heads.q), width(heads.kv), width(heads.kv)]);
    const parts = g.node(split, { input: x, split: sizes }, { axis: 2 }, 'parts');
    const [Q, K, V] = [heads.q, heads.kv, heads.kv].map((count, i) =>
      headsFirst(g, 'qkv'[i]!, parts[`output_${i + 1}`]!, count),
    ) as [string, string, string];
    const y = g.node(attention, { Q, K, V }, { is_causal: 1 }, 'attention').Y!;
    const back = g.node(transpose, { data: y }, { perm: [0, 2, 1, 3] }, 'back').transposed!;
    const joined = g.node(reshape, { data: back, shape: g.integers('joined', [3], [0, 0, -1]) }, {}, 'join');
    return g.finish({ outputs: [g.node(relu, { X: joined.reshaped! }).Y!] });
  };

  test.each(['f32', 'f16'] as const)(
    'heads of a packed projection, %s: attention reads them where they lie, what follows its result',
    async (dtype) => {
      const compiled = await expectMeaning(attended(dtype), { n: 3 });
      expect(explain(compiled).copies).toEqual([]);
      expect(compiled.calls.map(({ label }) => label)).toEqual(['attention.attend', 'relu.10']);
    },
  );

  test('parts of a graph, cut at a view, one after the other make the whole', async () => {
    const graph = attended('f32');
    const cut = 'k first.transposed';
    const [front, back] = [subgraph(graph, [], [cut]), subgraph(graph, [cut], graph.outputs)];
    expect([front.inputs, back.inputs]).toEqual([['x'], ['x', cut]]);
    // Keys are an input of the second part, of which rows lie together.
    expect((await expectMeaning(front, { n: 3 })).calls.map(({ label }) => label)).toEqual([
      `${cut}.view.copy`,
    ]);
    expect((await expectMeaning(back, { n: 3 })).copies).toEqual([]);
    const x = Float64Array.from({ length: 2 * 3 * 64 }, (_, i) => Math.sin(i));
    const keys = interpret(meanings, front, new Map(), { x }, { n: 3, m: 2 })[cut]!;
    const [output] = graph.outputs as [string];
    const [whole, rest] = [graph, back].map(
      (part) => interpret(meanings, part, new Map(), { x, [cut]: keys }, { n: 3, m: 2 })[output]!,
    );
    expect(rest).toEqual(whole);
  });

  test('a product reads a transposed matrix, rows of a larger one, and repeats what it broadcasts', async () => {
    const g = graphBuilder({});
    const x = g.input('x', 'f32', [2, 5, 3, 12]);
    const w = g.input('w', 'f32', [3, 7, 12]);
    const swapped = g.node(transpose, { data: x }, { perm: [0, 2, 1, 3] }).transposed!;
    const columns = g.node(transpose, { data: w }, { perm: [0, 2, 1] }).transposed!;
    const y = g.node(matMul, { A: swapped, B: columns }, {}, 'product').Y!;
    const compiled = await expectMeaning(g.finish({ outputs: [y] }), {});
    expect(compiled.calls.map(({ label }) => label)).toEqual(['product']);
  });

  // Rows of 12 in rows of 25: from the fourth element on they are read by fours, from the first on not.
  test.each([
    [24, 4, 'f32', []],
    [24, 4, 'f16', []],
    [24, 1, 'f32', ['rows']],
    [25, 4, 'f16', ['rows']],
  ] as const)(
    'a product of a weight reads rows of %i from element %i on, %s',
    async (wide, from, dtype, copied) => {
      const g = graphBuilder(symbols);
      const x = g.input('x', dtype, ['n', wide]);
      const [starts, ends] = [g.integers('starts', [1], [from]), g.integers('ends', [1], [from + 12])];
      const axes = g.integers('axes', [1], [1]);
      const rows = g.node(slice, { data: x, starts, ends, axes }, {}, 'rows').output!;
      const columns = g.node(transpose, { data: g.weight('w', [8, 12]) }, {}, 'columns').transposed!;
      const graph = g.finish({ outputs: [g.node(matMul, { A: rows, B: columns }, {}, 'product').Y!] });
      const w = Float32Array.from({ length: 96 }, (_, i) => Math.cos(i));
      const compiled = await expectMeaning(graph, { n: 3 }, new Map([['w', packDense(w, [8, 12], 'f32')]]));
      expect(compiled.copies.map(({ value }) => value)).toEqual(copied.map((name) => `${name}.output`));
      for (const { reason } of compiled.copies)
        expect(reason).toMatch(/: 'a' is read often, four elements at a time$/);
    },
  );

  test('what a kernel cannot read where it lies is copied once, and listed', async () => {
    const g = graphBuilder(symbols);
    const x = g.input('x', 'f32', ['n', 6]);
    const gains = g.input('gains', 'f32', [6, 3]);
    const columns = g.node(transpose, { data: gains }, {}, 'columns').transposed!;
    const one = (i: number): string => {
      const starts = g.integers(`starts ${i}`, [1], [i]);
      const ends = g.integers(`ends ${i}`, [1], [i + 1]);
      const row = g.node(slice, { data: columns, starts, ends }, {}, `row ${i}`).output!;
      return g.node(reshape, { data: row, shape: g.integers(`flat ${i}`, [1], [6]) }, {}, `gain ${i}`)
        .reshaped!;
    };
    const gain = one(1);
    const y = g.node(rmsNormalization, { X: x, scale: gain }, {}, 'norm').Y!;
    const z = g.node(rmsNormalization, { X: y, scale: gain }, {}, 'second').Y!;
    const graph = g.finish({ outputs: [z] });
    const compiled = await expectMeaning(graph, { n: 4 });
    expect(explain(compiled).copies).toEqual([
      { value: 'gain 1.reshaped', reader: 'norm', reason: "rms-norm: 'weight' is read row-major" },
    ]);
    expect(compiled.calls.map(({ label }) => label)).toEqual(['gain 1.reshaped.copy', 'norm', 'second']);
  });

  test('an output that is made in another shape is written where that lies; one that is a view is copied', async () => {
    const g = graphBuilder(symbols);
    const x = g.input('x', 'f32', ['n', 6]);
    const y = g.node(relu, { X: x }, {}, 'relu').Y!;
    const flat = g.node(reshape, { data: y, shape: g.integers('flat', [1], [-1]) }, {}, 'flat').reshaped!;
    const turned = g.node(transpose, { data: x }, {}, 'turned').transposed!;
    const compiled = await expectMeaning(g.finish({ outputs: [flat, turned] }), { n: 4 });
    expect(compiled.calls.map(({ label }) => label)).toEqual(['relu', 'turned.transposed.view.copy']);
    expect(compiled.copies).toEqual([
      {
        value: 'turned.transposed.view',
        reader: 'turned.transposed',
        reason: 'what a step returns is row-major',
      },
    ]);
  });
});

test('a view of a state that was overwritten is refused', () => {
  const g = graphBuilder({});
  const past = g.state('sums', 'f32', [3, 3]);
  const x = g.input('x', 'f32', [2, 3]);
  const turned = g.node(transpose, { data: past }, {}, 'turned').transposed!;
  const present = g.node(gram, { x, past }, {}, 'gram').present!;
  const y = g.node(relu, { X: turned }, {}, 'relu').Y!;
  const graph = g.finish({ outputs: [y], states: { sums: present } });
  expect(() => compile(graph, { capabilities: baselineCapabilities })).toThrow(
    "[relu] it reads 'turned.transposed', a view of what gram has overwritten in place; " +
      'a state has one reader after which only its successor exists, and so have its views. Fix: read it before gram.',
  );
});
