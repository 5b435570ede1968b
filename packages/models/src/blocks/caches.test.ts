// Caches of every format in a decoder on the device under test: each against the others, and against the graph's meaning in f64.
import { baselineCapabilities } from '@tilewright/kernels';
import {
  arrange,
  type CacheFormat,
  compile,
  type CompiledGraph,
  explain,
  loadSession,
  withOutputs,
} from '@tilewright/graph';
import { contiguous } from '@tilewright/graph/caches/contiguous';
import { integers } from '@tilewright/graph/caches/integers';
import { paged } from '@tilewright/graph/caches/paged';
import { packedRows, ring } from '@tilewright/graph/caches/ring';
import { pageTable } from '@tilewright/kernels/cache';
import { biasOperator, maskOperator } from '@tilewright/graph/filling-operators';
import { meanings } from '@tilewright/graph/registry';
import { packedSequences } from '@tilewright/graph/sequences';
import { alibi, documentMask } from '@tilewright/kernels/fillings';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillingMeaning } from '../../../graph/src/operators/attention/filling.meaning.ts';
import { interpret, type OracleValues } from '../../../graph/src/oracle/interpret.ts';
import type { BuildOptions, BuiltModel } from '../architectures/architecture.ts';
import { configFields } from '../architectures/config-fields.ts';
import { contextOf, parseDecoderConfig } from '../architectures/decoder-config.ts';
import { type DecoderParts, rotaryDecoder } from '../architectures/rotary-decoder.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import { tinyConfig, tinyState } from '../test/tiny-model.ts';
import { alibiBias, alibiSlopes, documentsMask } from './score-sources.ts';

const capacity = 24;
const window = (format: CacheFormat) => ({ windows: () => ({ left: 4, format }) });

function tiny(details: DecoderParts, options: BuildOptions = {}): BuiltModel<LanguageTasks> {
  const fields = configFields(new Map(Object.entries(tinyConfig)), 'config.json');
  const defaults = { max_position_embeddings: 40, rms_norm_eps: 1e-6 };
  const config = parseDecoderConfig(fields, defaults);
  return rotaryDecoder(config, contextOf(config), details, { capacity, maxTokens: 8, ...options });
}

/** Tokens that one sequence gets in a step. */
interface Share {
  readonly tokens: number;
  readonly before: number;
}

const vocabulary = tinyConfig.vocab_size;
const tokenAt = (sequence: number, position: number): number =>
  (7 * position + 11 * sequence + 3) % vocabulary;

/** The inputs of a step in which these sequences have these shares. */
function stepOf(shares: readonly Share[], rows: number, names: readonly number[] = shares.map((_, i) => i)) {
  const ids = shares.flatMap(({ tokens, before }, i) =>
    Array.from({ length: tokens }, (_, t) => tokenAt(names[i]!, before + t)),
  );
  return {
    sizes: {
      tokens: ids.length,
      keys: shares.reduce((sum, { tokens, before }) => sum + tokens + before, 0),
    },
    inputs: { ids: Uint32Array.from(ids), sequences: packedSequences(shares, rows) },
  };
}

const documents = Uint32Array.from({ length: capacity }, (_, i) => (i < 5 ? 4 : i < 6 ? 9 : 2));
const allMeanings = [
  ...meanings,
  fillingMeaning(biasOperator(alibi), alibi),
  fillingMeaning(maskOperator(documentMask), documentMask),
];

describe.skipIf(testProfile.compileOnly)('caches in a decoder', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const compiled = (model: BuiltModel<LanguageTasks>, tokens = 8): CompiledGraph =>
    compile(withOutputs(arrange(model.graph, tinyState()).graph, [model.tasks.score.logits]), {
      capabilities: opened.capabilities,
      sizes: { tokens },
    });

  /** Logits of all steps on the device, one after the other, and what the graph means. */
  async function run(
    model: BuiltModel<LanguageTasks>,
    steps: readonly ReturnType<typeof stepOf>[],
    more: Readonly<Record<string, Uint32Array>> = {},
    most = 8,
  ): Promise<number[]> {
    const logits = model.tasks.score.logits;
    const meant = withOutputs(model.graph, [logits]);
    const graphs = { small: compiled(model, 1), large: compiled(model, most) };
    const session = await loadSession(opened.device, graphs, arrange(model.graph, tinyState()).weights);
    const numbers: number[] = [];
    let state: Record<string, Float64Array> = {};
    try {
      for (const { sizes, inputs } of steps) {
        const executable = session.executables[sizes.tokens === 1 ? 'small' : 'large']!;
        executable.run(sizes, { ...inputs, ...more });
        const got = Array.from(await executable.read(logits));
        const values: OracleValues = interpret(
          allMeanings,
          meant,
          tinyState(),
          { ...inputs, ...more },
          sizes,
          state,
        );
        expectClose(got, values[logits]!);
        state = Object.fromEntries(
          Object.entries(meant.states).map(([name, { final }]) => [name, values[final]!]),
        );
        numbers.push(...got);
      }
      return numbers;
    } finally {
      session.dispose();
    }
  }

  function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
    expect(got.length).toBe(want.length);
    const largest = Array.from(want).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (let i = 0; i < want.length; i++)
      if (!(Math.abs(got[i]! - want[i]!) <= 2e-5 * largest))
        expect.fail(`${i}: ${got[i]} instead of ${want[i]}`);
  }

  const inParts = (lengths: readonly number[]): ReturnType<typeof stepOf>[] => {
    let before = 0;
    return lengths.map((tokens) => {
      const step = stepOf([{ tokens, before }], 1);
      before += tokens;
      return step;
    });
  };
  const stepwise = inParts(Array<number>(19).fill(1));
  const chunks = inParts([8, 3, 8]);

  test.each([
    ['contiguous', {}, contiguous],
    ['packed rows', {}, packedRows],
    ['a ring', window(ring({ windowLeft: 4 })), undefined],
    ['a ring that holds more', window(contiguous), ring({ windowLeft: 9 })],
  ] as const)('in chunks equals step by step: %s', async (_name, details, cacheFormat) => {
    const model = tiny(details, cacheFormat && { cacheFormat });
    expectClose(await run(model, chunks), await run(model, stepwise));
  });

  test('a ring equals all keys with a window, and is smaller', async () => {
    const [small, large] = [tiny(window(ring({ windowLeft: 4 }))), tiny(window(contiguous))];
    expectClose(await run(small, chunks), await run(large, chunks));
    const states = (model: BuiltModel<LanguageTasks>): number => explain(compiled(model)).bytes.state!;
    // 12 rows of 24: 4 keys before a step of 8.
    expect(states(small) / states(large)).toBe(0.5);
  });

  test.each([
    ['packed rows', {}, packedRows],
    ['rings', window(ring({ windowLeft: 4 })), undefined],
  ] as const)(
    'several sequences in one step equal each by itself: %s',
    async (_name, details, cacheFormat) => {
      const model = tiny(details, { sequences: 3, ...(cacheFormat && { cacheFormat }) });
      const shares: readonly (readonly Share[])[] = [
        [
          { tokens: 5, before: 0 },
          { tokens: 1, before: 0 },
          { tokens: 2, before: 0 },
        ],
        [
          { tokens: 0, before: 5 },
          { tokens: 7, before: 1 },
          { tokens: 1, before: 2 },
        ],
        [
          { tokens: 1, before: 5 },
          { tokens: 0, before: 8 },
          { tokens: 0, before: 3 },
        ],
        [
          { tokens: 2, before: 6 },
          { tokens: 3, before: 8 },
          { tokens: 3, before: 3 },
        ],
      ];
      const together = await run(
        model,
        shares.map((each) => stepOf(each, 3)),
      );
      const single = tiny(details, cacheFormat && { cacheFormat });
      const alone = await Promise.all(
        [0, 1, 2]
          .map(
            (sequence) => () =>
              run(
                single,
                shares
                  .map((each) => each[sequence]!)
                  .filter(({ tokens }) => tokens > 0)
                  .map((share) => stepOf([share], 1, [sequence])),
              ),
          )
          .map((each) => each()),
      );
      const taken = [0, 0, 0];
      const wanted = shares.flatMap((each) =>
        each.flatMap(({ tokens }, sequence) => {
          const from = taken[sequence]!;
          taken[sequence] = from + tokens * vocabulary;
          return alone[sequence]!.slice(from, from + tokens * vocabulary);
        }),
      );
      expectClose(together, wanted);
    },
  );

  test('integers: in chunks as step by step, near what they stand for, with 4 bits a step of 17 times as far', async () => {
    const want = await run(tiny({}), chunks);
    const states = (of: BuiltModel<LanguageTasks>): number => explain(compiled(of)).bytes.state!;
    const norm = (values: readonly number[]): number => Math.hypot(...values);
    const off: number[] = [];
    for (const bits of [8, 4] as const) {
      const model = tiny({}, { cacheFormat: integers({ bits }) });
      const got = await runBare(model, chunks);
      expectClose(got, await runBare(model, stepwise));
      off.push(norm(got.map((value, i) => value - want[i]!)) / norm(want));
      // Codes of a head of eight channels, and two words of scales.
      expect(states(model) / states(tiny({}))).toBe((bits / 4 + 2) / 8);
    }
    const [fine, coarse] = off as [number, number];
    expect(fine).toBeLessThan(0.02);
    expect(coarse / fine).toBeGreaterThan(17 / 2);
    expect(coarse / fine).toBeLessThan(17 * 2);
  });

  test.each([
    ['contiguous', contiguous, 1],
    ['packed rows', packedRows, 2],
    ['pages', paged({ pages: 13, pageSize: 4 }), 2],
    ['integers', integers({ bits: 8 }), 1],
    ['integers of four channels', integers({ bits: 4, channels: 4 }), 1],
  ] as const)('nodes of the format mean what they compute: %s', async (_name, cacheFormat, sequences) => {
    const model = tiny({}, { cacheFormat, sequences });
    const { graph } = compiled(model);
    const shares = Array.from({ length: sequences }, (_, i) => ({ tokens: 4 - i, before: 0 }));
    const { sizes, inputs } = stepOf(shares, sequences);
    const pages = Uint32Array.from({ length: 6 * sequences }, (_, i) => 12 - i);
    const { weights } = arrange(model.graph, tinyState());
    const values = interpret(meanings, graph, weights, { ...inputs, pages }, sizes);
    expectClose(await runBare(model, [{ sizes, inputs }], pages), values[model.tasks.score.logits]!);
  });

  test('pages in any order, and shared ones: equal to rows of each sequence', async () => {
    const [pages, pageSize, rows] = [9, 4, 2];
    const table = pageTable({ pages, pageSize });
    const other = table.open();
    table.append(other, 3);
    const first = table.open();
    const entries = capacity / pageSize;
    const model = tiny({}, { sequences: rows, cacheFormat: paged({ pages, pageSize }) });
    // Sixteen positions of one sequence, of which another one continues the first eight.
    const taken: Uint32Array[] = [];
    const prompt = [
      { tokens: 8, before: 0 },
      { tokens: 0, before: 0 },
    ];
    table.append(first, 8);
    taken.push(table.blockTable([first, other], entries));
    const second = table.fork(first, 8);
    table.append(first, 5);
    table.append(second, 3);
    taken.push(table.blockTable([first, second], entries));
    const together = [
      { tokens: 5, before: 8 },
      { tokens: 3, before: 8 },
    ];
    const ids = (shares: readonly Share[]): ReturnType<typeof stepOf> => {
      const step = stepOf(shares, rows);
      // Both begin with the same tokens.
      const same = shares.flatMap(({ tokens, before }) =>
        Array.from({ length: tokens }, (_, i) => tokenAt(0, before + i)),
      );
      return { ...step, inputs: { ...step.inputs, ids: Uint32Array.from(same) } };
    };
    const got = await runBare(
      model,
      [prompt, together].map((shares, i) => ({ ...ids(shares), pages: taken[i]! })),
    );
    const separate = [
      { tokens: 8, before: 0 },
      { tokens: 8, before: 0 },
    ];
    const wide = tiny({}, { sequences: rows, cacheFormat: packedRows, maxTokens: 16 });
    const want = await run(wide, [separate, together].map(ids), {}, 16);
    expectClose(got.slice(-8 * vocabulary), want.slice(-8 * vocabulary));
    await expect(
      runBare(model, [{ ...ids(prompt), pages: new Uint32Array(rows * entries).fill(pages) }]),
    ).rejects.toThrow(
      '] position 0 of sequence 0 is in page 9; the pool has 9 pages of 4 positions, and a sequence 6 entries. ' +
        'Fix: take the block table of pageTable, which knows the pool.',
    );
  });

  /** Logits of all steps on the device alone; `pages` where the format reads them. */
  async function runBare(
    model: BuiltModel<LanguageTasks>,
    steps: readonly (ReturnType<typeof stepOf> & { readonly pages?: Uint32Array })[],
    table?: Uint32Array,
  ): Promise<number[]> {
    const graphs = { small: compiled(model, 1), large: compiled(model) };
    const session = await loadSession(opened.device, graphs, arrange(model.graph, tinyState()).weights);
    try {
      const numbers: number[] = [];
      for (const { sizes, inputs, pages = table } of steps) {
        const executable = session.executables[sizes.tokens === 1 ? 'small' : 'large']!;
        const isRead = pages && executable.compiled.graph.inputs.includes('pages');
        executable.run(sizes, { ...inputs, ...(isRead && { pages }) });
        numbers.push(...(await executable.read(model.tasks.score.logits)));
      }
      return numbers;
    } finally {
      session.dispose();
    }
  }

  const dispatches = (model: BuiltModel<LanguageTasks>): number => explain(compiled(model, 1)).dispatches;
  const peeled = (model: BuiltModel<LanguageTasks>) => explain(compiled(model, 1)).peeled;

  test.each([
    ['ALiBi', { rotary: false, scores: { bias: alibiBias() } }, {}],
    ['documents', { scores: { mask: documentsMask() } }, { documents }],
    ['both', { rotary: false, scores: { bias: alibiBias(), mask: documentsMask() } }, { documents }],
  ] as const)(
    '%s in a language model: what it means, in no dispatch of its own',
    async (_name, details, more) => {
      const model = tiny(details);
      const logits = await run(model, chunks, more);
      expectClose(logits, await run(model, stepwise, more));
      const { scores: _scores, ...without } = details;
      expect(logits).not.toEqual(await run(tiny(without), chunks));
      expect(dispatches(model)).toBe(dispatches(tiny(without)));
      expect(peeled(model)).toEqual([]);
    },
  );

  test('documents of several sequences', async () => {
    const model = tiny({ scores: { mask: documentsMask() } }, { sequences: 2, cacheFormat: packedRows });
    const step = (first: Share, second: Share) => stepOf([first, second], 2);
    const steps = [
      step({ tokens: 3, before: 0 }, { tokens: 5, before: 0 }),
      step({ tokens: 4, before: 3 }, { tokens: 2, before: 5 }),
    ];
    const rows = Uint32Array.from({ length: 2 * capacity }, (_, i) => ((i * 5) % 7) >> 1);
    expect((await run(model, steps, { documents: rows })).every(Number.isFinite)).toBe(true);
  });

  test('a layer takes five dispatches, in a ring and in packed rows too', () => {
    const layers = (model: BuiltModel<LanguageTasks>): number =>
      explain(compiled(model, 1))
        .calls.filter(({ label }) => label.includes('layers.0'))
        .reduce((sum, call) => sum + call.dispatches, 0);
    for (const model of [
      tiny({}),
      tiny({}, { cacheFormat: packedRows }),
      tiny(window(ring({ windowLeft: 4 }))),
    ])
      expect(layers(model)).toBe(5);
  });
});

test('the slopes of 8 heads, and of a number that is no power of two', () => {
  expect([...alibiSlopes(8)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((i) => 2 ** -i));
  expect([...alibiSlopes(3)]).toEqual([2 ** -4, 2 ** -8, 2 ** -2]);
});

test('a contiguous cache holds one sequence', () => {
  const model = tiny({}, { sequences: 2 });
  expect(() => compile(model.graph, { capabilities: baselineCapabilities })).toThrow(
    '[contiguous] a cache is to hold 2 sequences; packedRows and ring hold several.',
  );
});
