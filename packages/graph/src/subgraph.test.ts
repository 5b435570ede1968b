import { describe, expect, test } from 'vitest';
import { graphBuilder } from './builder.ts';
import { isOf } from './ir.ts';
import { interpret } from './oracle/interpret.ts';
import { meanings } from './registry.ts';
import { smallTransformer } from './oracle/small-transformer.ts';
import { simplify } from './simplify.ts';
import { subgraph, withGramTaps } from './subgraph.ts';
import { prepareWeights } from './weights/prepare.ts';
import { elementwise } from './operators/pointwise/elementwise.ts';
import { gateUp } from './operators/products/gate-up.ts';
import { gram } from './operators/products/gram.ts';
import { linear } from './operators/products/linear.ts';

const { graph: written, weights: raw, step } = smallTransformer();
const graph = simplify(written);
const weights = prepareWeights(graph, raw);
const sizes = { tokens: 3, keys: 3 };
const whole = interpret(meanings, graph, weights, step(3, 0), sizes);
const ends = graph.nodes.filter((node) => isOf(node, elementwise)).map((node) => node.outputs.y!);
/** The residual stream after the first block. */
const middle = ends[1]!;

describe('subgraph', () => {
  test('parts one after the other make the whole', () => {
    const [front, back] = [
      subgraph(graph, [], [middle]),
      subgraph(graph, [middle], ['logits.y', 'token.ids']),
    ];
    expect(Object.keys(front.states)).toEqual(['0.key', '0.value']);
    expect(Object.keys(back.states)).toEqual(['1.key', '1.value']);
    expect(front.outputs).toEqual([middle]);
    expect(back.inputs).toEqual(['positions', 'lengths', middle]);
    expect(Object.keys(front.weights).concat(Object.keys(back.weights)).sort()).toEqual(
      Object.keys(graph.weights).sort(),
    );
    const stream = interpret(meanings, front, weights, step(3, 0), sizes)[middle]!;
    expect(stream).toEqual(whole[middle]);
    const rest = interpret(meanings, back, weights, { ...step(3, 0), [middle]: stream }, sizes);
    expect(rest['logits.y']).toEqual(whole['logits.y']);
  });

  test('a part of a part is that part', () => {
    const part = subgraph(graph, [middle], ['logits.y']);
    expect(subgraph(part, [middle], ['logits.y'])).toEqual(part);
  });

  test('refuses values that do not exist', () => {
    expect(() => subgraph(graph, ['nowhere'], ['logits.y'])).toThrow(
      "[subgraph] there is no value 'nowhere'; a part lies between values of the graph.",
    );
  });
});

describe('withGramTaps', () => {
  const asked = new Set(
    graph.nodes.filter((node) => isOf(node, gateUp) || isOf(node, linear)).map((n) => n.inputs.weight!),
  );
  const { graph: tapped, gramOf } = withGramTaps(graph, asked);

  test('sums xᵀx of every input that is asked for, and changes nothing else', () => {
    expect([...gramOf.keys()].sort()).toEqual([...asked].sort());
    const seen = interpret(meanings, tapped, weights, step(3, 0), sizes);
    expect(seen['logits.y']).toEqual(whole['logits.y']);
    for (const node of graph.nodes) {
      const state = gramOf.get(node.inputs.weight ?? '');
      if (!state) continue;
      const x = whole[node.inputs.x!]!;
      const k = x.length / 3;
      const sum = seen[tapped.states[state]!.final]!;
      expect(sum.length).toBe(k * k);
      for (const [i, j] of [
        [0, 0],
        [1, k - 1],
        [k - 1, 2],
      ] as const)
        expect(sum[i * k + j]).toBeCloseTo(
          [0, 1, 2].reduce((total, row) => total + x[row * k + i]! * x[row * k + j]!, 0),
          12,
        );
    }
  });

  test('goes on adding from step to step', () => {
    const first = interpret(meanings, tapped, weights, step(3, 0), sizes);
    const state = Object.fromEntries(
      Object.entries(tapped.states).map(([name, { final }]) => [name, first[final]!]),
    );
    const caches = Object.fromEntries(
      Object.entries(state).map(([name, data]) => [name, name.startsWith('gram') ? data : data.fill(0)]),
    );
    const second = interpret(meanings, tapped, weights, step(3, 0), sizes, caches);
    for (const name of new Set(gramOf.values())) {
      const { final } = tapped.states[name]!;
      expect(second[final]![0]).toBeCloseTo(2 * first[final]![0]!, 12);
    }
  });

  test('one sum serves all layers that read the same input', () => {
    const g = graphBuilder({ tokens: { max: 2 } });
    const x = g.input('x', 'f32', ['tokens', 4]);
    const outputs = ['a', 'b'].map(
      (name) => g.node(linear, { x, weight: g.weight(name, [4, 4]) }, {}, `linear ${name}`).y!,
    );
    const two = withGramTaps(g.finish({ outputs }), new Set(['a', 'b']));
    expect(Object.keys(two.graph.states)).toEqual(['gram x']);
    expect([...two.gramOf]).toEqual([
      ['a', 'gram x'],
      ['b', 'gram x'],
    ]);
    expect(two.graph.nodes.filter((node) => isOf(node, gram))).toHaveLength(1);
  });
});
