// Operators on caches: any filling of attention in them on the device under test, and what they refuse.
import { isTilewrightError, normalStream } from '@tilewright/kernels';
import { attentionContract } from '../../../kernels/src/attention/contract.ts';
import { attentionReference } from '../../../kernels/src/attention/reference.ts';
import { attentionSlots } from '../../../kernels/src/attention/slots.ts';
import {
  additiveSimilarity,
  alibi,
  documentMask,
  gaussianSimilarity,
  headGate,
  relativeFactor,
  sinkSoftmax,
  squaredReluWeight,
  unitLoadK,
  unitLoadQ,
} from '@tilewright/kernels/fillings';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder, type GraphBuilder } from '../builder.ts';
import { compile } from '../compile.ts';
import { explain } from '../explain.ts';
import type { CacheFormat, ElementType, Graph, Operator } from '../ir.ts';
import { type AttentionFillings, cachedAttentionWith } from '../operators/attention/attention-with.ts';
import { cachedAttention } from '../operators/attention/cached-attention.ts';
import { biasOperator, maskOperator } from '../operators/attention/filling-operators.ts';
import { appendCache } from '../operators/cache/append-cache.ts';
import { sequencePlaces } from '../operators/sequences/sequence-places.ts';
import { packedSequences } from '../operators/sequences/sequences.ts';
import { defineOperator } from '../operators/operator.ts';
import { loadSession } from '../session.ts';
import { pagedPlaces } from '../operators/sequences/paged-places.ts';
import { contiguous } from './contiguous.ts';
import { integers } from './integers.ts';
import { paged } from './paged.ts';
import { packedRows, ring } from './ring.ts';

const [heads, kvHeads, size, positions, tokens] = [4, 2, 8, 12, 5];

interface Built {
  readonly g: GraphBuilder;
  readonly sequences: string;
  readonly tokenPositions: string;
  /** Attention of `Q`, with further inputs, to a cache of `K` and `V`. */
  readonly attend: (operator: Operator, more?: Record<string, string>, window?: number) => Graph;
}

function build(format: CacheFormat = contiguous, rows = 1): Built {
  const g = graphBuilder({ tokens: { max: tokens } });
  const sequences = g.input('sequences', 'u32', [rows + 1, 2]);
  const places = g.node(sequencePlaces, { sequences }, { tokens: 'tokens' }, 'places');
  return {
    g,
    sequences,
    tokenPositions: places.positions!,
    attend(operator, more = {}, window = -1) {
      const [Q, K, V] = [heads, kvHeads, kvHeads].map((count, i) =>
        g.input('QKV'[i]!, 'f32', [1, 'tokens', count * size]),
      );
      const past = g.cache('cache', 'f32', [rows, kvHeads, positions, 2 * size], {
        format,
        keySize: size,
        chunk: tokens,
      });
      const cache = g.node(appendCache, { cache: past, K, V, sequences }).present!;
      const attributes = { q_num_heads: heads, left_window_size: window };
      const { Y } = g.node(operator, { Q, cache, sequences, ...more }, attributes, 'attention');
      return g.finish({ outputs: [Y!], states: { cache } });
    },
  };
}

describe.skipIf(testProfile.compileOnly)('any filling of attention', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const normal = normalStream(5);
  const draw = (count: number): Float32Array<ArrayBuffer> => Float32Array.from({ length: count }, normal);
  const fillings: readonly (readonly [
    string,
    AttentionFillings,
    Readonly<Record<string, readonly number[]>>,
  ])[] = [
    ['a weight with sinks', { weight: sinkSoftmax }, { 'weight.sinks': [heads] }],
    ['another weight', { weight: squaredReluWeight }, {}],
    ['a similarity', { similarity: gaussianSimilarity }, {}],
    [
      'a similarity with weights',
      { similarity: additiveSimilarity({ headSize: size }) },
      { 'similarity.weights': [size] },
    ],
    ['loads', { load_q: unitLoadQ, load_k: unitLoadK }, {}],
    [
      'a factor behind the weights, and a gate behind the result',
      { reweight: relativeFactor(3), epilogue: headGate },
      { 'reweight.table': [heads, 7], 'epilogue.gate': [1, tokens, heads] },
    ],
    ['a bias', { score: alibi }, { 'score.slopes': [heads] }],
  ];

  test.each(fillings)('%s', async (_name, given, tensors) => {
    const { g, attend } = build();
    const inputs = Object.entries(tensors).map(([role, shape]) => [role, g.input(role, 'f32', shape)]);
    const graph = attend(cachedAttentionWith(given), Object.fromEntries(inputs) as Record<string, string>);
    const compiled = compile(graph, { capabilities: opened.capabilities });
    // Two writes, and attention in as many dispatches as without.
    const plain = compile(build().attend(cachedAttention), { capabilities: opened.capabilities });
    expect(explain(compiled).calls.length).toBe(3);
    expect(explain(compiled).dispatches).toBe(explain(plain).dispatches);
    const data: Record<string, Float32Array<ArrayBuffer>> = {
      Q: draw(tokens * heads * size),
      K: draw(tokens * kvHeads * size),
      V: draw(tokens * kvHeads * size),
    };
    for (const [role, shape] of Object.entries(tensors))
      data[role] = draw(shape.reduce((product, each) => product * each, 1));
    const session = await loadSession(opened.device, { compiled }, new Map());
    try {
      const executable = session.executables.compiled!;
      executable.run({ tokens }, { ...data, sequences: packedSequences([{ tokens, before: 0 }]) });
      const got = await executable.read('attention.Y');
      const options = Object.fromEntries(
        Object.entries(attentionContract.options!).map(([name, [first]]) => [name, first!]),
      );
      const { y } = attentionReference({
        axes: {
          batch: 1,
          queries: tokens,
          keys: tokens,
          heads,
          kv_heads: kvHeads,
          head_size: size,
          value_size: size,
        },
        scalars: { scale: 0 },
        uniforms: {},
        options: { ...options, causal: true },
        slots: Object.fromEntries(
          Object.entries(attentionSlots).map(([slot, { default: plainFilling }]) => [
            slot,
            (given[slot] ?? plainFilling).reference,
          ]),
        ),
        inputs: Object.fromEntries(
          Object.entries(data).map(([name, numbers]) => [
            { Q: 'q', K: 'k', V: 'v' }[name] ?? name,
            Float64Array.from(numbers),
          ]),
        ),
        round: (value) => value,
      });
      const largest = Math.max(...y!.map(Math.abs));
      y!.forEach((value, i) => expect(Math.abs(got[i]! - value) / largest).toBeLessThan(1e-5));
    } finally {
      session.dispose();
    }
  });
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was thrown';
}

const capabilities = {
  features: new Set<never>(),
  limits: {},
} as never;

describe('refuses', () => {
  const input = (g: GraphBuilder, dtype: ElementType, shape: readonly number[]): string =>
    g.input('tensor', dtype, shape);

  test('a cache that is not a state with a format', () => {
    const g = graphBuilder({ tokens: { max: tokens } });
    const sequences = g.input('sequences', 'u32', [2, 2]);
    const cache = g.state('cache', 'f32', [1, kvHeads, positions, 2 * size]);
    const [K, V] = ['K', 'V'].map((name) => g.input(name, 'f32', [1, 'tokens', kvHeads * size]));
    const { present } = g.node(appendCache, { cache, K, V, sequences }, {}, 'append');
    const graph = g.finish({ outputs: [], states: { cache: present! } });
    expect(messageOf(() => compile(graph, { capabilities }))).toBe(
      'bad-graph: [append] its cache is not a state that has a format; builder.cache declares one.',
    );
  });

  test('a mask that is a tensor', () => {
    const { g, attend } = build();
    const mask = input(g, 'f32', [1, heads, tokens, positions]);
    expect(messageOf(() => compile(attend(cachedAttention, { mask }), { capabilities }))).toBe(
      "bad-graph: [attention] its mask is the tensor 'tensor'; attention to a cache takes what maskOperator makes, and nothing " +
        'else reads.',
    );
  });

  test('a filling that two fill', () => {
    const graph = build(packedRows).attend(cachedAttentionWith({ load_k: unitLoadK }));
    expect(messageOf(() => compile(graph, { capabilities }))).toContain(
      "'load_k' is filled by its operator, and by the cache's format or a node in front; a slot has one filling.",
    );
  });

  test('tensors that are not those of a filling', () => {
    const node = (operator: Operator, role: string, dtype: ElementType, shape: readonly number[]): string =>
      messageOf(() => {
        const { g, sequences, tokenPositions } = build();
        const inputs = { sequences, token_positions: tokenPositions, [role]: input(g, dtype, shape) };
        g.node(operator, inputs, { heads, keys: positions }, 'scores');
      });
    expect(node(biasOperator(alibi), 'slopes', 'f32', [3])).toBe(
      "bad-graph: [scores] 'slopes' has shape [3]; it must be [4].",
    );
    expect(node(maskOperator(documentMask), 'documents', 'f32', [1, positions])).toBe(
      "bad-dtype: [scores] 'documents' is f32; it must be u32.",
    );
    const queries = {
      ...alibi,
      id: 'by-query',
      bindings: { slopes: { shape: ['queries'], dtype: 'f32' as const } },
    };
    expect(node(biasOperator(queries), 'slopes', 'f32', [3])).toBe(
      "bad-graph: [scores] 'slopes' has the axes queries; batch, heads, keys are known here.",
    );
    const uniform = { ...alibi, id: 'numbered', uniforms: { slope: 'f32' as const } };
    expect(node(biasOperator(uniform), 'slopes', 'f32', [heads])).toBe(
      "bad-graph: [scores] the filling 'numbered' reads the uniform 'slope'; a filling in a graph has tensors only.",
    );
  });

  test('a mask and rows of a cache that no attention absorbs', () => {
    const { g, sequences, tokenPositions } = build();
    const documents = input(g, 'u32', [1, positions]);
    const { scores } = g.node(
      maskOperator(documentMask),
      { sequences, token_positions: tokenPositions, documents },
      { heads, keys: positions },
      'mask',
    );
    expect(messageOf(() => compile(g.finish({ outputs: [scores!] }), { capabilities }))).toBe(
      'bad-graph: [mask] no attention absorbs it; it is the mask of one CachedAttention.',
    );
  });

  test('what the host would compute of what a kernel makes', async () => {
    const made = defineOperator({
      domain: 'stranger',
      name: 'Made',
      inputs: [{ name: 'x', kind: 'required' }],
      infer: () => ({ y: { dtype: 'u32', shape: [2, 2] } }),
      host: () => ({ y: new Uint32Array(4) }),
    });
    expect(made.id).toBe('stranger.Made');
    const { hostOf } = await import('../host-nodes.ts');
    const { g } = build();
    const places = g.node(
      sequencePlaces,
      { sequences: g.node(made, { x: 'sequences' }, {}, 'made').y! },
      { tokens: 'tokens' },
      'of',
    );
    const graph = g.finish({ outputs: [places.lengths!] });
    const cut = { ...graph, nodes: graph.nodes.filter(({ name }) => name !== 'made') };
    expect(messageOf(() => hostOf({ graph: cut, memory: { buffers: {}, placements: {} } }, () => {}))).toBe(
      "bad-graph: [of] the host computes it of 'made.y', which a kernel makes; the host knows what a step is given. " +
        'Fix: give it as an input.',
    );
  });

  test('sequences that do not follow one another, and more of them than there is room for', () => {
    const run = (numbers: readonly number[], most = 0): string =>
      messageOf(() =>
        sequencePlaces.host!({
          subject: 'places',
          attributes: { positions: most },
          value: () => numbers,
          shape: (role) => ({ positions: [1, 5], lengths: [2] })[role] ?? [],
        }),
      );
    expect(run([0, 3, 4, 0, 5, 0])).toBe('nothing was thrown');
    expect(run([0, 3, 4, 0, 6, 0])).toBe(
      "bad-argument: [places] the rows of 'sequences' begin at 0, 4 and end at 6; they follow one another from 0 to the 5 tokens " +
        'of this step. Fix: use packedSequences, which makes them.',
    );
    expect(run([0, 3, 6, 0, 5, 0])).toContain('begin at 0, 6 and end at 5');
    expect(run([0, 3, 4, 6, 5, 0], 7)).toBe('nothing was thrown');
    expect(run([0, 3, 4, 7, 5, 0], 7)).toBe(
      'bad-argument: [places] sequence 1 comes to 8 positions; there is room for 7. Fix: end it, or build the graph for more.',
    );
    const shares = [
      { tokens: 1, before: 0 },
      { tokens: 2, before: 7 },
    ];
    expect([...packedSequences(shares, 3)]).toEqual([0, 0, 1, 7, 3, 0, 3, 0]);
    expect(messageOf(() => packedSequences(shares, 1))).toBe(
      'bad-argument: [packedSequences] there are 2 sequences; the graph has room for 1. ' +
        'Fix: build the graph for more, or give fewer at a time.',
    );
  });

  test('pools and integers that hold less', () => {
    expect(messageOf(() => paged({ pages: 4, pageSize: 0 }))).toBe(
      'bad-graph: [paged] pageSize is 0; a pool has a positive integer of each.',
    );
    const several = build(integers({ bits: 8 }), 2).attend(cachedAttention);
    expect(messageOf(() => compile(several, { capabilities }))).toBe(
      'bad-graph: [integers] a cache is to hold 2 sequences; packedRows, ring and paged hold several.',
    );
    const table = { sequences: [0, 0, 5, 0], pages: [1, 2] };
    const places = (pages: readonly number[], before = 0): Uint32Array | string => {
      let made: Uint32Array | string = '';
      const act = (): void => {
        made = pagedPlaces.host!({
          subject: 'places',
          attributes: { page_size: 4, pool: 3 },
          value: (role) => (role === 'pages' ? pages : [0, before, 5, 0]),
          shape: (role) => (role === 'pages' ? [1, pages.length] : [1, 5]),
        }).places!;
      };
      const message = messageOf(act);
      return message === 'nothing was thrown' ? made : message;
    };
    expect([...(places(table.pages) as Uint32Array)]).toEqual([4, 5, 6, 7, 8]);
    expect(places([1, 7])).toBe(
      'bad-argument: [places] position 4 of sequence 0 is in page 7; the pool has 3 pages of 4 positions, and a sequence 2 entries. ' +
        'Fix: take the block table of pageTable, which knows the pool.',
    );
    expect(places([1, 2], 4)).toContain('position 8 of sequence 0 is in entry 2;');
  });

  test('a window that a ring does not hold', () => {
    expect(
      messageOf(() => compile(build(ring({ windowLeft: 3 })).attend(cachedAttention), { capabilities })),
    ).toBe(
      'bad-graph: [attention] it sees all keys, and its cache keeps a window of 3; ' +
        'a ring holds what attention sees.',
    );
  });
});
