// Compiled and fused graphs on the device under test, against the f64 meaning of the graph as it was written.
import { type Capabilities, isTilewrightError, type WeightFormat, type StateDict } from '@tilewright/kernels';
import { dense as denseFormat, packDense } from '@tilewright/kernels/weights/dense';
import { integer } from '@tilewright/kernels/weights/integer';
import { nm } from '@tilewright/kernels/weights/n-m';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, type CompiledGraph } from './compile.ts';
import { explain } from './explain.ts';
import type { Graph } from './ir.ts';
import { interpret } from './oracle/interpret.ts';
import { packWeights } from './oracle/pack-weights.ts';
import { meanings } from './registry.ts';
import { transpose } from './operators/shape/transpose.ts';
import { oddSizes, smallTransformer } from './oracle/small-transformer.ts';
import { loadSession, plannedBytes, type Session } from './session.ts';
import { simplify } from './simplify.ts';
import { subgraph } from './subgraph.ts';
import { prepareWeights } from './weights/prepare.ts';

const int = (bits: 3 | 4 | 8, zeroPoint = false) => integer({ bits, zeroPoint });
const messageOf = async (act: () => unknown): Promise<string> => {
  try {
    await act();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was thrown';
};

/** How each model stores its matrices. Every pipeline is a compilation of seconds, so one model mixes the formats. */
const storages: Readonly<Record<string, (name: string) => WeightFormat | undefined>> = {
  f32: () => denseFormat('f32'),
  'f16, int8, int4 with zero points, 2:4 and 2:4 of int4': (name) => {
    if (name.includes('q_proj')) return int(4, true);
    if (name.includes('o_proj')) return int(8);
    if (name.includes('gate_proj')) return nm({ n: 2, m: 4, values: denseFormat('f32') });
    if (name.includes('down')) return nm({ n: 2, m: 4, values: int(4) });
    return name.startsWith('head') ? denseFormat('f16') : undefined;
  },
};
/** Values of the step for the sampler, which at temperature 0 takes the likeliest token. */
const greedy = { temperature: 0, top_k: 0, top_p: 1, seed: 0, counter: 0 };

/** The same device as if it could bind only so many bytes at once. */
const lowered = (capabilities: Capabilities, limit?: number): Capabilities =>
  limit === undefined
    ? capabilities
    : { ...capabilities, limits: { ...capabilities.limits, maxStorageBufferBindingSize: limit } };

const formatsOf = (weights: StateDict): Map<string, WeightFormat> =>
  new Map([...weights].map(([name, tensor]) => [name, tensor.format]));

const weightBytes = ({ memory }: CompiledGraph): number =>
  Object.values(memory.placements).reduce(
    (sum, { buffer, sizeBytes }) => sum + (memory.buffers[buffer]!.kind === 'weight' ? sizeBytes : 0),
    0,
  );

/** |got - want| in units of the largest |want|. */
function errorOf(got: ArrayLike<number>, want: Float64Array): number {
  expect(got.length).toBe(want.length);
  const largest = Math.max(...want.map(Math.abs));
  return Math.max(...Array.from(want, (value, i) => Math.abs(got[i]! - value))) / largest;
}

describe.skipIf(testProfile.compileOnly)('a session', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const { graph: written, weights: raw, step } = smallTransformer({ sizes: oddSizes });
  const graph = simplify(written);
  const dense = prepareWeights(graph, raw);
  const compiled = (
    part: Graph,
    weights: StateDict,
    tokens: number,
    more: { fuse?: boolean; limit?: number } = {},
  ): CompiledGraph =>
    compile(part, {
      capabilities: lowered(opened.capabilities, more.limit),
      formats: formatsOf(weights),
      sizes: { tokens },
      ...(more.fuse === false && { fuse: false }),
    });
  const load = (weights: StateDict = dense): Promise<Session> =>
    loadSession(
      opened.device,
      { prefill: compiled(graph, weights, 7), decode: compiled(graph, weights, 1) },
      weights,
    );
  const run = async (
    session: Session,
    name: string,
    tokens: number,
    start: number,
  ): Promise<{ logits: Float32Array; token: Uint32Array }> => {
    const executable = session.executables[name]!;
    executable.run({ tokens, keys: start + tokens, ...greedy }, step(tokens, start));
    return {
      logits: (await executable.read('logits.Y')) as Float32Array,
      token: (await executable.read('token.ids')) as Uint32Array,
    };
  };

  test.each(Object.keys(storages))(
    '%s: prefill of 1, 3 and 7, then decode, is what f64 says',
    async (name) => {
      const weights = packWeights(dense, storages[name]!);
      const stored = new Set([...weights.values()].map(({ format }) => format.name));
      expect(stored.size).toBe(name === 'f32' ? 1 : 6);
      const session = await load(weights);
      try {
        for (const tokens of [1, 3, 7]) {
          session.reset();
          const want = interpret(meanings, graph, weights, step(tokens, 0), { tokens, keys: tokens });
          const got = await run(session, 'prefill', tokens, 0);
          expect(errorOf(got.logits, want['logits.Y']!)).toBeLessThan(1e-5);
          expect([...got.token]).toEqual([...want['token.ids']!]);
        }
        // The caches now hold seven tokens; decode goes on where prefill stopped.
        const whole = interpret(meanings, graph, weights, longStep(9), { tokens: 9, keys: 9 });
        for (const start of [7, 8]) {
          const got = await run(session, 'decode', 1, start);
          const row = whole['logits.Y']!.slice(
            start * oddSizes.vocabulary,
            (start + 1) * oddSizes.vocabulary,
          );
          expect(errorOf(got.logits, row)).toBeLessThan(1e-5);
          expect(got.token[0]).toBe(whole['token.ids']![start]);
        }
      } finally {
        session.dispose();
      }
    },
  );
  /** More tokens than the graph takes at once: the f64 meaning has no such bound. */
  const longStep = (tokens: number): Record<string, Uint32Array> => step(tokens, 0);

  test('a prompt longer than a few rows is tiled: the same result', async () => {
    const session = await loadSession(opened.device, { chunk: compiled(graph, dense, 12) }, dense);
    try {
      expect(session.executables.chunk!.compiled.calls.map((call) => call.program.kernel)).toContain(
        'flash-attention',
      );
      const want = interpret(meanings, graph, dense, step(11, 0), { tokens: 11, keys: 11 });
      const got = await run(session, 'chunk', 11, 0);
      expect(errorOf(got.logits, want['logits.Y']!)).toBeLessThan(1e-5);
    } finally {
      session.dispose();
    }
  });

  test('a tied table larger than a binding is read in parts, by gathers and products alike', async () => {
    const tied = smallTransformer({ tied: true, sizes: oddSizes });
    const simple = simplify(tied.graph);
    const weights = prepareWeights(simple, tied.weights);
    const plan = compiled(simple, weights, 7, { limit: 1792 });
    const parts = [...plan.parts.values()].filter(({ weight }) => weight === 'embed');
    expect(parts.length).toBe(2);
    const session = await loadSession(opened.device, { plan }, weights);
    try {
      const want = interpret(meanings, simple, weights, tied.step(7, 0), { tokens: 7, keys: 7 });
      const got = await run(session, 'plan', 7, 0);
      expect(errorOf(got.logits, want['logits.Y']!)).toBeLessThan(1e-5);
    } finally {
      session.dispose();
    }
  });

  describe('weights larger than a binding', () => {
    // The embedding is only looked up, never multiplied with: it stays outside.
    const part = subgraph(graph, ['embedding.output'], ['logits.Y']);
    const cases: readonly [string, number, number, (name: string) => WeightFormat | undefined][] = [
      ['f32, tiled', 12, 1792, () => undefined],
      [
        'compressed, by rows',
        2,
        528,
        (name) => {
          if (name.includes('q_proj')) return int(4, true);
          if (name.includes('o_proj')) return nm({ n: 2, m: 4, values: denseFormat('f32') });
          if (name.includes('gate_proj')) return nm({ n: 2, m: 4, values: int(4) });
          return name.includes('down') ? int(8) : int(4);
        },
      ],
    ];
    test.each(cases)('%s: are split, and the result is the same', async (_name, tokens, limit, choose) => {
      const weights = packWeights(new Map([...dense].filter(([name]) => part.weights[name])), choose);
      const plan = compiled(part, weights, tokens, { limit });
      const split = new Set([...plan.parts.values()].map(({ weight }) => weight));
      expect(split.size).toBe(tokens === 2 ? 9 : 7);
      for (const { sizeBytes } of Object.values(plan.memory.placements))
        expect(sizeBytes).toBeLessThanOrEqual(limit);
      const session = await loadSession(opened.device, { plan }, weights);
      try {
        expect(session.allocatedBytes).toBe(plannedBytes({ plan }));
        const x = Float32Array.from({ length: tokens * oddSizes.hidden }, (_, i) => Math.sin(i * i + 1));
        const { ids: _ids, ...others } = step(tokens, 0);
        const sizes = { tokens, keys: tokens };
        const want = interpret(meanings, part, weights, { ...others, 'embedding.output': x }, sizes);
        const { counters } = opened.device;
        const before = { ...counters };
        session.executables.plan!.run(sizes, { ...others, 'embedding.output': x });
        const said = explain(plan, sizes);
        expect(counters.dispatches - before.dispatches).toBe(said.dispatches);
        expect(counters.movedBytes - before.movedBytes).toBe(said.movedBytes);
        // Splitting pads the sections of each part; nothing else becomes compulsory by it.
        const whole = compiled(part, weights, tokens);
        const padding = weightBytes(plan) - weightBytes(whole);
        // 37 rows of 2 bytes of scales: 74 → 80 whole, 40 → 48 and 34 → 48 in two parts.
        expect(padding).toBe(tokens === 2 ? 16 : 0);
        expect(said.compulsoryBytes - padding).toBe(explain(whole, sizes).compulsoryBytes);
        const logits = await session.executables.plan!.read('logits.Y');
        expect(errorOf(logits, want['logits.Y']!)).toBeLessThan(1e-5);
      } finally {
        session.dispose();
      }
    });
  });

  test('what the device has too few buffers for runs by itself: the same result', async () => {
    const { limits } = opened.capabilities;
    const few = { ...opened.capabilities, limits: { ...limits, maxStorageBuffersPerShaderStage: 5 } };
    const options = { formats: formatsOf(dense), sizes: { tokens: 3 } };
    const plan = compile(graph, { ...options, capabilities: few });
    expect(plan.peeled.map(({ host }) => host)).toEqual(
      expect.arrayContaining([0, 1].map((layer) => `${layer}.q_proj + ${layer}.k_proj + ${layer}.v_proj`)),
    );
    const session = await loadSession(opened.device, { plan }, dense);
    try {
      const want = interpret(meanings, graph, dense, step(3, 0), { tokens: 3, keys: 3 });
      const got = await run(session, 'plan', 3, 0);
      expect(errorOf(got.logits, want['logits.Y']!)).toBeLessThan(1e-5);
    } finally {
      session.dispose();
    }
  });

  test.each([
    ['whole', undefined],
    ['in parts, where a binding is small', 528],
  ])('biases of projections, joined with them and turned, %s: the same result', async (_name, limit) => {
    const biased = smallTransformer({ biased: true, sizes: oddSizes });
    const part = simplify(subgraph(biased.graph, ['embedding.output'], ['0.o_proj.Y']));
    const weights = prepareWeights(part, biased.weights);
    const plan = compiled(part, weights, 2, limit === undefined ? {} : { limit });
    const split = new Set([...plan.parts.values()].map(({ weight }) => weight));
    expect([...split].some((name) => name.includes('q_proj'))).toBe(limit !== undefined);
    const session = await loadSession(opened.device, { plan }, weights);
    try {
      const x = Float32Array.from({ length: 2 * oddSizes.hidden }, (_, i) => Math.sin(i * i + 1));
      const { ids: _ids, ...others } = biased.step(2, 0);
      const inputs = { ...others, 'embedding.output': x };
      const want = interpret(meanings, part, weights, inputs, { tokens: 2, keys: 2 });
      session.executables.plan!.run({ tokens: 2, keys: 2 }, inputs);
      const got = await session.executables.plan!.read('0.o_proj.Y');
      expect(errorOf(got as Float32Array, want['0.o_proj.Y']!)).toBeLessThan(1e-5);
    } finally {
      session.dispose();
    }
  });

  test('as written, without algebra or fusion, every node is a dispatch of its own and the result the same', async () => {
    const plain = compiled(written, raw, 3, { fuse: false });
    // But for transposes of weights, which kernels read as they are stored, and positions, which are the host's; keys and values of the
    // two blocks are written one by one.
    const own = written.nodes.filter(({ operator }) => operator.id !== transpose.id && !operator.host);
    expect(plain.calls.length).toBe(own.length + 2);
    const session = await loadSession(opened.device, { plain }, raw);
    try {
      const want = interpret(meanings, written, raw, step(3, 0), { tokens: 3, keys: 3 });
      const got = await run(session, 'plain', 3, 0);
      expect(errorOf(got.logits, want['logits.Y']!)).toBeLessThan(1e-5);
    } finally {
      session.dispose();
    }
  });

  test('allocates what was planned, runs what was explained, and gives everything back', async () => {
    const { counters } = opened.device;
    const before = { ...counters };
    const session = await load();
    const graphs = Object.fromEntries(
      Object.entries(session.executables).map(([name, each]) => [name, each.compiled]),
    );
    expect(session.allocatedBytes).toBe(plannedBytes(graphs));
    expect(counters.bytesAlive - before.bytesAlive).toBe(session.allocatedBytes);
    for (const [name, tokens, start] of [
      ['prefill', 7, 0],
      ['prefill', 2, 3],
      ['decode', 1, 5],
      ['decode', 1, 12],
    ] as const) {
      const { dispatches, movedBytes } = { ...counters };
      session.executables[name]!.run({ tokens, keys: start + tokens, ...greedy }, step(tokens, start));
      const said = explain(graphs[name]!, { tokens, keys: start + tokens });
      expect(counters.dispatches - dispatches).toBe(said.dispatches);
      expect(counters.movedBytes - movedBytes).toBe(said.movedBytes);
      expect(said.movedBytes).toBeGreaterThanOrEqual(said.compulsoryBytes);
    }
    session.dispose();
    expect(counters.bytesAlive).toBe(before.bytesAlive);
    expect(counters.buffersAlive).toBe(before.buffersAlive);
  });

  test('creates nothing in 200 steps, reading included', async () => {
    const session = await load();
    const { counters } = opened.device;
    const { decode } = session.executables;
    await run(session, 'decode', 1, 0);
    const before = { ...counters };
    for (let i = 0; i < 200; i++) {
      const start = i % oddSizes.capacity;
      decode!.run({ tokens: 1, keys: start + 1, ...greedy }, step(1, start));
      if (i % 20 === 0) await decode!.read('token.ids');
    }
    await opened.device.idle();
    expect(counters.submits - before.submits).toBe(200);
    expect(counters.buffersCreated).toBe(before.buffersCreated);
    expect(counters.bindGroupsCreated).toBe(before.bindGroupsCreated);
    expect(counters.pipelinesCompiled).toBe(before.pipelinesCompiled);
    session.dispose();
  });

  test('reset zeroes the states and nothing else', async () => {
    const session = await load();
    const first = await run(session, 'prefill', 5, 0);
    const cache = (): Promise<Uint8Array> =>
      opened.device.memory.download(session.slice('state', '0.cache.key'));
    expect((await cache()).some((byte) => byte !== 0)).toBe(true);
    session.reset();
    expect((await cache()).every((byte) => byte === 0)).toBe(true);
    const again = await run(session, 'prefill', 5, 0);
    expect(again.logits).toEqual(first.logits);
    session.dispose();
  });

  test('says what is wrong with a run, a read or a slice', async () => {
    const session = await load();
    const { decode } = session.executables;
    const values = { tokens: 1, keys: 1, ...greedy };
    const wrong: readonly [() => unknown, string][] = [
      [
        () => decode!.run({ ...values, tokens: 2 }, step(2, 0)),
        "bad-argument: [run] 'tokens' is 2; this executable was compiled for at most 1. Fix: split the input into chunks.",
      ],
      [
        () => decode!.run(values, { tokens: Uint32Array.of(1) }),
        "bad-argument: [run] 'tokens' is not an input; the inputs are ids, sequences. Fix: remove it.",
      ],
      [
        () => decode!.run(undefined as never, step(1, 0)),
        'bad-argument: [run] sizes is undefined; it must be an object. Fix: give an object.',
      ],
      [
        () => decode!.run(values, Promise.resolve(step(1, 0)) as never),
        'bad-argument: [run] inputs is a promise; it must be an object. Fix: write await in front of it.',
      ],
      [
        () => decode!.run(values, { ids: Uint32Array.of(1, 2) }),
        'bad-shape: [ids] the data has 8 bytes; [1, tokens] with these sizes has 4. Fix: give one number per element.',
      ],
      [
        () => decode!.run(values, { ids: Float32Array.of(1) }),
        'bad-dtype: [ids] a Float32Array was given; the tensor stores u32. Fix: give a Uint32Array, or an array of numbers.',
      ],
      [
        () => decode!.run(values, { ids: Uint32Array.of(1) }),
        "bad-argument: [run] the input 'sequences' was never given.",
      ],
      [
        () => decode!.run({ ...values, top_k: 0.5 }, step(1, 0)),
        "bad-argument: [token] 'top_k' is 0.5; a run needs rows (u32), temperature (f32), top_k (i32), top_p (f32), " +
          'seed (u32), counter (u32). Fix: give a number that the type can hold.',
      ],
      [
        () => decode!.run({ ...values, temprature: 1 }, step(1, 0)),
        "bad-argument: [run] nothing reads a number named 'temprature'; this executable takes tokens, keys, " +
          "temperature, top_k, top_p, seed, counter. Fix: write 'temperature'.",
      ],
      [
        () => decode!.run({ tokens: 1, keys: 1 }, step(1, 0)),
        "bad-argument: [token] 'temperature' is undefined; a run needs rows (u32), temperature (f32), top_k (i32), " +
          "top_p (f32), seed (u32), counter (u32). Fix: give 'temperature' to the run.",
      ],
      [
        () => decode!.read('embedding.output'),
        "bad-argument: [read] 'embedding.output' is not an output; the outputs are logits.Y, token.ids.",
      ],
      [
        () => session.slice('state', 'memory'),
        "bad-argument: [session] there is no state 'memory'; it has state 0.cache.key, state 0.cache.value, state 1.cache.key, state 1.cache.value.",
      ],
    ];
    for (const [act, message] of wrong) expect(await messageOf(act)).toBe(message);
    session.dispose();
    const gone = 'after its session was disposed of. Fix: load the session again.';
    expect(await messageOf(() => decode!.run(values, step(1, 0)))).toBe(
      `disposed: [run] the executable was used ${gone}`,
    );
    expect(await messageOf(() => decode!.read('token.ids'))).toBe(
      `disposed: [read] the executable was used ${gone}`,
    );
    expect(await messageOf(() => session.reset())).toBe(`disposed: [reset] the session was used ${gone}`);
    expect(await messageOf(() => session.slice('state', '0.cache.key'))).toBe(
      `disposed: [slice] the session was used ${gone}`,
    );
    session.dispose();
  });

  test('reads of one output side by side are each of the run before', async () => {
    const session = await load();
    const { prefill } = session.executables;
    const reads = [1, 2, 3].map((tokens) => {
      prefill!.run({ tokens, keys: tokens, ...greedy }, step(tokens, 0));
      return prefill!.read('logits.Y');
    });
    const got = await Promise.all(reads);
    for (const [i, logits] of got.entries())
      expect(logits).toEqual((await run(session, 'prefill', i + 1, 0)).logits);
    session.dispose();
  });

  test('sessions that load side by side each count their own bytes', async () => {
    const before = opened.device.counters.bytesAlive;
    const sessions = await Promise.all([load(), load()]);
    for (const { allocatedBytes, executables } of sessions) {
      const graphs = Object.entries(executables).map(([name, each]) => [name, each.compiled] as const);
      expect(allocatedBytes).toBe(plannedBytes(Object.fromEntries(graphs)));
    }
    expect(opened.device.counters.bytesAlive - before).toBe(2 * sessions[0].allocatedBytes);
    for (const session of sessions) session.dispose();
  });

  test('the end of a session or of its device during a read', async () => {
    const other = await openTestDevice();
    const graphs = { decode: compiled(graph, dense, 1) };
    const start = async (): Promise<[Session, Promise<string>]> => {
      const session = await loadSession(other.device, graphs, dense);
      const { decode } = session.executables;
      decode!.run({ tokens: 1, keys: 1, ...greedy }, step(1, 0));
      return [session, messageOf(() => decode!.read('token.ids'))];
    };
    const [session, reading] = await start();
    session.dispose();
    expect(await reading).toBe('disposed: [readback token.ids] it was read after dispose().');
    const [, losing] = await start();
    other.device.gpu.destroy();
    expect(await losing).toBe(`device-lost: ${(await other.device.lost).message}`);
    other.dispose();
  });

  test('a session that cannot be loaded leaves nothing behind', async () => {
    const { counters } = opened.device;
    const before = { ...counters };
    const lacking = new Map([...dense].filter(([name]) => name !== 'head'));
    const small = new Map([...dense, ['head', packDense(new Float32Array(20), [20], 'f32')] as const]);
    const graphs = { decode: compiled(graph, dense, 1) };
    const fix = 'Fix: prepare the weights with the graph that was compiled, and compile with their formats.';
    expect(await messageOf(() => loadSession(opened.device, graphs, lacking))).toBe(
      `bad-model: [head] the weight is missing; the compiled graph reads 2960 bytes. ${fix}`,
    );
    expect(await messageOf(() => loadSession(opened.device, graphs, small))).toBe(
      `bad-model: [head] the weight has 80 bytes; the compiled graph reads 2960 bytes. ${fix}`,
    );
    const other = packWeights(dense, (name) => (name === 'head' ? int(8) : undefined));
    const mixed = { ...graphs, prefill: compiled(graph, other, 7) };
    expect(await messageOf(() => loadSession(opened.device, mixed, other))).toBe(
      'bad-graph: [weight head] two graphs of a session want it with 2960 and 1264 bytes. ' +
        'Fix: compile all graphs of a session with the same formats and state shapes.',
    );
    expect(counters.bytesAlive).toBe(before.bytesAlive);
    expect(counters.buffersAlive).toBe(before.buffersAlive);
  });
});
