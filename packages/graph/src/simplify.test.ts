import { baselineCapabilities } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { integer } from '@tilewright/kernels/weights/integer';
import { describe, expect, test } from 'vitest';
import { isOf } from './graph-index.ts';
import type { Graph } from './ir.ts';
import { interpret } from './oracle/interpret.ts';
import { meanings } from './registry.ts';
import { smallTransformer } from './oracle/small-transformer.ts';
import { removeDeadCode, withOutputs } from './rewrite.ts';
import { fuse, simplify } from './simplify.ts';
import { arrange } from './weights/arrange.ts';
import { prepareWeights } from './weights/prepare.ts';
import { cachedAttention } from './operators/attention/cached-attention.ts';
import { compile } from './compile.ts';
import { swiGlu } from './operators/pointwise/swi-glu.ts';
import { add } from './operators/pointwise/add.ts';
import { gelu } from './operators/pointwise/gelu.ts';
import { relu } from './operators/pointwise/relu.ts';
import { transpose } from './operators/shape/transpose.ts';
import { buildProduct } from './oracle/build-product.ts';
import { graphBuilder, type GraphBuilder } from './builder.ts';
import { rmsNormalization } from './operators/normalization/rms-normalization.ts';

/** The values by which norms multiply their columns. */
const gainsOf = (graph: Graph): string[] =>
  graph.nodes.flatMap((node) =>
    isOf(node, rmsNormalization) && node.inputs.scale ? [node.inputs.scale] : [],
  );

/** But for transposes of weights, which nothing computes. */
const ops = (graph: Graph): string[] =>
  graph.nodes.flatMap((node) => (node.operator.id === transpose.id ? [] : [node.operator.name]));

/** Weights that are joined of several, by layer. */
const joined = (graph: Graph): string[] => Object.keys(graph.weights).filter((name) => name.includes(' + '));

const queryKeyValue = 'epilogue: RotaryEmbedding | RotaryEmbedding | ';
const gateUp = 'epilogue: SwiGLU';

/** What nodes have absorbed: slots, regions and the nodes in them. */
const absorbed = (graph: Graph): string[] =>
  graph.nodes.flatMap((node) => {
    const slots = Object.entries(node.absorbed ?? {}).map(([slot, regions]) => {
      const names = regions.map(({ nodes }) => nodes.map(({ operator }) => operator.name).join(', '));
      return `${slot}: ${names.join(' | ')}`;
    });
    return slots.length === 0 ? [] : [slots.join('; ')];
  });

function logitsOf(graph: Graph, weights: Parameters<typeof prepareWeights>[1], tokens = 5): Float64Array {
  const { step } = smallTransformer();
  return interpret(meanings, graph, prepareWeights(graph, weights), step(tokens, 0), {
    tokens,
    keys: tokens,
  })['logits.Y']!;
}

function expectClose(got: Float64Array, want: Float64Array, tolerance: number): void {
  const largest = Math.max(...want.map(Math.abs));
  const worst = Math.max(...got.map((value, i) => Math.abs(value - want[i]!)));
  expect(worst / largest).toBeLessThan(tolerance);
}

describe.each([false, true])('tied embeddings: %s', (tied) => {
  const { graph, weights } = smallTransformer({ tied });
  const want = logitsOf(graph, weights);

  test('simplify merges products of one input without changing the result', () => {
    const simple = simplify(graph);
    expectClose(logitsOf(simple, weights), want, 1e-12);
    const names = (layer: number): string[] => [
      `${layer}.q_proj.weight by pairs + ${layer}.k_proj.weight by pairs + ${layer}.v_proj.weight`,
      `${layer}.gate_proj.weight + ${layer}.up_proj.weight`,
    ];
    expect(joined(simple).sort()).toEqual([...names(0), ...names(1)].sort());
    expect(gainsOf(simple)).toEqual(gainsOf(graph));
  });

  test('fuse leaves five nodes a block beside its cache, and three outside', () => {
    const fused = fuse(simplify(graph));
    expectClose(logitsOf(fused, weights), want, 1e-6);
    const block = ['MatMul', 'AppendCache', 'CachedAttention', 'MatMul', 'MatMul', 'MatMul'];
    expect(ops(fused)).toEqual(['SequencePlaces', 'Gather', ...block, ...block, 'MatMul', 'Sample']);
    const norm = 'load: RMSNormalization';
    const residual = 'epilogue: Add';
    const inner = [`${norm}; ${queryKeyValue}`, residual, `${norm}; ${gateUp}`, residual];
    const sortedSlots = absorbed(fused).map((text) => text.split('; ').sort().reverse().join('; '));
    expect(sortedSlots).toEqual([...inner, ...inner, norm]);
  });
});

test('fusion alone, without weight algebra, does not change the result', () => {
  const { graph, weights } = smallTransformer();
  const fused = fuse(graph);
  expectClose(logitsOf(fused, weights), logitsOf(graph, weights), 1e-12);
  expect(fused.nodes.length).toBeLessThan(graph.nodes.length);
});

test('gains of ones vanish, others move into the product', () => {
  const { graph, weights } = smallTransformer();
  const [first, ...others] = gainsOf(graph).map((name) => graph.weights[name]!);
  const name = first!.kind === 'stored' ? first!.name : '';
  const ones = new Map(weights).set(
    name,
    packDense(new Float32Array(weights.get(name)!.shape[0]!).fill(1), weights.get(name)!.shape, 'f32'),
  );
  const { graph: arranged, weights: prepared } = arrange(graph, ones);
  expect(gainsOf(arranged)).toHaveLength(others.length);
  expect(Object.keys(arranged.weights)).not.toContain(name);
  expect([...prepared.keys()].sort()).toEqual(Object.keys(arranged.weights).sort());
  expect(fuse(arranged).nodes.every((node) => !isOf(node, rmsNormalization))).toBe(true);
  expectClose(logitsOf(fuse(arranged), ones), logitsOf(graph, ones), 1e-12);
});

test('rows of weights in different formats are not joined', () => {
  const { graph } = smallTransformer();
  const formats = new Map(Object.keys(graph.weights).map((name) => [name, integer({ bits: 4 })]));
  const ofFirst = (given: typeof formats): string[] =>
    joined(simplify(graph, { formats: given })).filter((name) => name.startsWith('0.q'));
  expect(ofFirst(formats)).toEqual(['0.q_proj.weight by pairs + 0.k_proj.weight by pairs + 0.v_proj.weight']);
  expect(ofFirst(new Map(formats).set('0.v_proj.weight', integer({ bits: 8 })))).toEqual([
    '0.q_proj.weight by pairs + 0.k_proj.weight by pairs',
  ]);
});

test('biases are joined and reordered like the weights they belong to', () => {
  const { graph, weights } = smallTransformer({ biased: true });
  const fused = fuse(simplify(graph));
  expectClose(logitsOf(fused, weights), logitsOf(graph, weights), 1e-12);
  expect(absorbed(fused).filter((text) => text.includes('Add | '))).toEqual(
    Array(2).fill('epilogue: Add | RotaryEmbedding | RotaryEmbedding | ; load: RMSNormalization'),
  );
  expect(joined(fused)).toContain('0.q_proj.bias by pairs + 0.k_proj.bias by pairs + 0.v_proj.bias');
});

test('a part without a bias counts as one of zeros', () => {
  const g = graphBuilder({ tokens: { max: 2 } });
  const x = g.input('x', 'f32', ['tokens', 8]);
  const outputs = ['a', 'b'].map((name) => {
    const product = buildProduct(g, x, g.weight(`${name}.weight`, [4, 8]), name);
    const biased = name === 'a' ? product : g.node(add, { A: g.weight('bias', [4]), B: product }).C!;
    return g.node(gelu, { X: biased }, {}, `${name}.gelu`).Y!;
  });
  const graph = g.finish({ outputs });
  const state = new Map(
    Object.entries(graph.weights).map(([name]) => {
      const shape = graph.values[name]!.shape as number[];
      const count = shape.reduce((product, size) => product * size, 1);
      return [
        name,
        packDense(
          Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1)),
          shape,
          'f32',
        ),
      ];
    }),
  );
  const inputs = { x: Float32Array.from({ length: 16 }, (_, i) => Math.cos(i)) };
  const [written, simple] = [graph, fuse(simplify(graph))].map((each) =>
    interpret(meanings, each, prepareWeights(each, state), inputs, { tokens: 2 }),
  );
  expect(ops(fuse(simplify(graph)))).toEqual(['MatMul']);
  for (const name of outputs) expectClose(simple![name]!, written![name]!, 1e-12);
});

test('as many as fit the buffers of every device; two that meet in a formula by themselves', () => {
  const merged = (
    build: (g: GraphBuilder, product: (name: string, biased?: boolean) => string) => string[],
  ): Graph => {
    const g = graphBuilder({ tokens: { max: 2 } });
    const x = g.input('x', 'f32', ['tokens', 8]);
    const outputs = build(g, (name, biased = false) => {
      const A = buildProduct(g, x, g.weight(name, [4, 8]), `product ${name}`);
      return biased ? g.node(add, { A, B: g.weight(`${name}.bias`, [4]) }).C! : A;
    });
    return simplify(g.finish({ outputs }));
  };
  const six = merged((g, product) => [...'abcdef'].map((name) => g.node(gelu, { X: product(name) }).Y!));
  expect(joined(six)).toEqual(['a + b + c + d + e']);
  // Every device binds eight buffers.
  expect(compile(six, { capabilities: baselineCapabilities }).calls).toHaveLength(2);
  const parallel = merged((g, product) => {
    const [q, k, gate, v, up] = ['q', 'k', 'gate', 'v', 'up'].map((name) => product(name)) as [
      string,
      string,
      string,
      string,
      string,
    ];
    return [...[q, k, v].map((X) => g.node(gelu, { X }).Y!), g.node(swiGlu, { A: gate, B: up }).Y!];
  });
  expect(joined(parallel)).toEqual(['q + k + v', 'gate + up']);
  expect(compile(parallel, { capabilities: baselineCapabilities }).calls).toHaveLength(2);
  const biased = merged((g, product) => [
    g.node(swiGlu, { A: product('gate', true), B: product('up', true) }).Y!,
  ]);
  expect(joined(biased)).toEqual([]);
  expect(compile(biased, { capabilities: baselineCapabilities }).calls).toHaveLength(2);
});

test('what is not in fours, what is an output, and a weight that others read stay by themselves', () => {
  const products = (
    rows: number,
    build: (g: GraphBuilder, results: readonly string[]) => string[],
  ): Graph => {
    const g = graphBuilder({ tokens: { max: 2 } });
    const x = g.input('x', 'f32', ['tokens', 8]);
    const results = ['a', 'b'].map((name) => buildProduct(g, x, g.weight(`${name}.weight`, [rows, 8]), name));
    return simplify(g.finish({ outputs: build(g, results) }));
  };
  const behind = (g: GraphBuilder, results: readonly string[]): string[] =>
    results.map((X) => g.node(gelu, { X }).Y!);
  expect(joined(products(8, behind))).toEqual(['a.weight + b.weight']);
  expect(joined(products(6, behind))).toEqual([]);
  expect(joined(products(8, (_, results) => [...results]))).toEqual([]);
  const shared = (g: GraphBuilder, results: readonly string[]): string[] => [
    ...behind(g, results),
    g.node(relu, { X: 'a.weight' }).Y!,
  ];
  expect(joined(products(8, shared))).toEqual([]);
});

test('prefill then decode equals all at once', () => {
  const { graph, weights, step } = smallTransformer();
  const fused = fuse(simplify(graph));
  const prepared = prepareWeights(fused, weights);
  const whole = interpret(meanings, fused, prepared, step(6, 0), { tokens: 6, keys: 6 });
  const first = interpret(meanings, fused, prepared, step(5, 0), { tokens: 5, keys: 5 });
  const state = Object.fromEntries(
    Object.entries(fused.states).map(([name, { final }]) => [name, first[final]!]),
  );
  const last = interpret(meanings, fused, prepared, step(1, 5), { tokens: 1, keys: 6 }, state);
  expectClose(last['logits.Y']!, whole['logits.Y']!.slice(-24), 1e-12);
});

test('without outputs only what the states need remains', () => {
  const { graph } = smallTransformer();
  const reading = withOutputs(graph, []);
  expect(reading.nodes.some((node) => node.name === 'logits')).toBe(false);
  expect(Object.keys(reading.weights)).not.toContain('head');
  expect(Object.keys(reading.states)).toHaveLength(2);
  // The last block's values are needed, its attention is not.
  expect(reading.nodes.filter((node) => isOf(node, cachedAttention))).toHaveLength(1);
  expect(removeDeadCode(reading)).toEqual(reading);
});

describe('passes are done when they say so', () => {
  const { graph } = smallTransformer();
  test('simplify', () => {
    const once = simplify(graph);
    expect(simplify(once)).toEqual(once);
  });
  test('fuse', () => {
    const once = fuse(simplify(graph));
    expect(fuse(once)).toEqual(once);
    expect(simplify(once)).toEqual(once);
  });
});
