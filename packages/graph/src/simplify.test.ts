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
import { rmsNormalization } from './operators/normalization/rms-normalization.ts';

/** The values by which norms multiply their columns. */
const gainsOf = (graph: Graph): string[] =>
  graph.nodes.flatMap((node) =>
    isOf(node, rmsNormalization) && node.inputs.scale ? [node.inputs.scale] : [],
  );

const ops = (graph: Graph): string[] => graph.nodes.map((node) => node.operator.name);

const queryKeyValue = 'epilogue: Rope | Rope, CacheWrite | CacheWrite';
const gateUp = 'epilogue: Elementwise';

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
  })['logits.y']!;
}

function expectClose(got: Float64Array, want: Float64Array, tolerance: number): void {
  const largest = Math.max(...want.map(Math.abs));
  const worst = Math.max(...got.map((value, i) => Math.abs(value - want[i]!)));
  expect(worst / largest).toBeLessThan(tolerance);
}

describe.each([false, true])('tied embeddings: %s', (tied) => {
  const { graph, weights } = smallTransformer({ tied });
  const want = logitsOf(graph, weights);

  test('simplify merges projections without changing the result', () => {
    const simple = simplify(graph);
    expectClose(logitsOf(simple, weights), want, 1e-12);
    expect(absorbed(simple)).toEqual(Array(2).fill([queryKeyValue, gateUp]).flat());
    expect(ops(simple)).not.toContain('Rope');
    expect(ops(simple)).not.toContain('CacheWrite');
    expect(gainsOf(simple)).toEqual(gainsOf(graph));
  });

  test('fuse leaves five nodes a block and three outside', () => {
    const fused = fuse(simplify(graph));
    expectClose(logitsOf(fused, weights), want, 1e-6);
    const block = ['Linear', 'CachedAttention', 'Linear', 'Linear', 'Linear'];
    expect(ops(fused)).toEqual(['Embedding', ...block, ...block, 'Linear', 'Sample']);
    const norm = 'load: RMSNormalization';
    const residual = 'epilogue: Elementwise';
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
  const formats = new Map(
    graph.nodes.flatMap((node) => (node.inputs.weight ? [[node.inputs.weight, integer({ bits: 4 })]] : [])),
  );
  const merged = (given: typeof formats): number => absorbed(simplify(graph, { formats: given })).length;
  expect(merged(formats)).toBe(4);
  const [value] = [...formats.keys()].filter((name) => /0.*(v|value)/.test(name));
  expect(merged(new Map(formats).set(value!, integer({ bits: 8 })))).toBe(3);
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
  expectClose(last['logits.y']!, whole['logits.y']!.slice(-24), 1e-12);
});

test('without outputs only what the states need remains', () => {
  const { graph } = smallTransformer();
  const reading = withOutputs(graph, []);
  expect(reading.nodes.some((node) => node.name === 'logits')).toBe(false);
  expect(Object.keys(reading.weights)).not.toContain('head');
  expect(Object.keys(reading.states)).toHaveLength(4);
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
