import { describe, expect, test } from 'vitest';
import { isOf } from './graph-index.ts';
import { interpret } from './oracle/interpret.ts';
import { meanings } from './registry.ts';
import { smallTransformer } from './oracle/small-transformer.ts';
import { simplify } from './simplify.ts';
import { subgraph } from './subgraph.ts';
import { prepareWeights } from './weights/prepare.ts';
import { add } from './operators/pointwise/add.ts';

const { graph: written, weights: raw, step } = smallTransformer();
const graph = simplify(written);
const weights = prepareWeights(graph, raw);
const sizes = { tokens: 3, keys: 3 };
const whole = interpret(meanings, graph, weights, step(3, 0), sizes);
const ends = graph.nodes.filter((node) => isOf(node, add)).map((node) => node.outputs.C!);
/** The residual stream after the first block. */
const middle = ends[1]!;

describe('subgraph', () => {
  test('parts one after the other make the whole', () => {
    const [front, back] = [
      subgraph(graph, [], [middle]),
      subgraph(graph, [middle], ['logits.Y', 'token.ids']),
    ];
    expect(Object.keys(front.states)).toEqual(['0.cache']);
    expect(Object.keys(back.states)).toEqual(['1.cache']);
    expect(front.outputs).toEqual([middle]);
    expect(back.inputs).toEqual(['sequences', middle]);
    expect(Object.keys(front.weights).concat(Object.keys(back.weights)).sort()).toEqual(
      Object.keys(graph.weights).sort(),
    );
    const stream = interpret(meanings, front, weights, step(3, 0), sizes)[middle]!;
    expect(stream).toEqual(whole[middle]);
    const rest = interpret(meanings, back, weights, { ...step(3, 0), [middle]: stream }, sizes);
    expect(rest['logits.Y']).toEqual(whole['logits.Y']);
  });

  test('a part of a part is that part', () => {
    const part = subgraph(graph, [middle], ['logits.Y']);
    expect(subgraph(part, [middle], ['logits.Y'])).toEqual(part);
  });

  test('refuses values that do not exist', () => {
    expect(() => subgraph(graph, ['nowhere'], ['logits.Y'])).toThrow(
      "[subgraph] there is no value 'nowhere'; a part lies between values of the graph.",
    );
  });
});
