import { describe, expect, test } from 'vitest';
import { graphBuilder } from './builder.ts';
import type { Graph } from './ir.ts';
import { smallTransformer } from './oracle/small-transformer.ts';
import { checkGraph } from './spec.ts';
import { add } from './operators/pointwise/add.ts';
import { gram } from './operators/products/gram.ts';
import { matMul } from './operators/products/mat-mul.ts';

const { graph } = smallTransformer();

describe('checkGraph refuses', () => {
  const broken: readonly (readonly [string, (graph: Graph) => Graph, string])[] = [
    [
      'a value without a type',
      (g) => ({ ...g, inputs: [...g.inputs, 'ghost'] }),
      '[ghost] an input has no type; every value is listed in values.',
    ],
    [
      'a value defined twice',
      (g) => ({ ...g, inputs: [...g.inputs, 'ids'] }),
      '[ids] it is defined twice (again as an input); a value is defined once.',
    ],
    [
      'nodes out of order',
      (g) => ({ ...g, nodes: [g.nodes[0]!, ...g.nodes.slice(2), g.nodes[1]!] }),
      "[0.norm] its input 'X' reads 'embedding.output' before it exists; nodes stand in running order.",
    ],
    [
      'an output nobody makes',
      (g) => ({ ...g, outputs: ['nothing'] }),
      '[nothing] it is an output that nothing makes; outputs are values.',
    ],
    [
      'an unknown symbol',
      (g) => ({ ...g, symbols: { keys: { max: 1 } } }),
      '[ids] its dimension tokens is unknown; a dimension is an integer from 0 on or one of: keys.',
    ],
    [
      'an unknown symbol where there are none',
      (g) => ({ ...g, symbols: {} }),
      '[ids] its dimension tokens is unknown; a dimension is an integer from 0 on.',
    ],
    [
      'a tensor of fewer than no elements',
      (g) => ({
        ...g,
        inputs: [...g.inputs, 'none'],
        values: { none: { dtype: 'f32', shape: [3, -1] }, ...g.values },
      }),
      '[none] its dimension -1 is unknown; a dimension is an integer from 0 on or one of: tokens, keys.',
    ],
    [
      'a wrong type',
      (g) => ({
        ...g,
        values: { ...g.values, 'embedding.output': { dtype: 'f32', shape: [1, 'tokens', 17] } },
      }),
      '[embedding.output] its type is f32 [1, tokens, 17]; Gather makes f32 [1, tokens, 16].',
    ],
    [
      'an output role that the operator does not have',
      (g) => ({
        ...g,
        values: { ...g.values, extra: { dtype: 'f32', shape: [1] } },
        nodes: g.nodes.with(1, { ...g.nodes[1]!, outputs: { ...g.nodes[1]!.outputs, z: 'extra' } }),
      }),
      "[embedding] it has an output 'z'; Gather has output.",
    ],
    [
      'a state that ends nowhere',
      (g) => ({ ...g, states: { ...g.states, '0.cache': { initial: '0.cache', final: 'nothing' } } }),
      "[0.cache] its final value 'nothing' does not exist; a state ends in a value.",
    ],
    [
      'a state that ends as something else',
      (g) => ({
        ...g,
        states: { ...g.states, '0.cache': { initial: '0.cache', final: 'embedding.output' } },
      }),
      '[0.cache] it starts as [1, 2, 12, 16] and ends as [1, tokens, 16]; a state keeps its type.',
    ],
    [
      'two nodes of one name',
      (g) => ({
        ...g,
        nodes: g.nodes.with(2, { ...g.nodes[2]!, name: g.nodes[1]!.name }),
      }),
      '[embedding] two nodes have this name; node names are unique.',
    ],
  ];
  test.each(broken)('%s', (_name, breakIt, message) => {
    expect(() => checkGraph(breakIt(graph))).toThrow(message);
  });

  test('a state that ends elsewhere', () => {
    const g = graphBuilder({});
    const past = g.state('memory', 'f32', [4]);
    const sum = g.node(add, { A: past, B: g.input('x', 'f32', [4]) }, {}, 'sum').C!;
    expect(() => g.finish({ outputs: [], states: { memory: sum } })).toThrow(
      "[memory] it ends as 'sum.C'; a state ends in its successor.",
    );
  });

  test('a read of a state after it was overwritten', () => {
    const g = graphBuilder({ tokens: { max: 2 } });
    const past = g.state('sum', 'f32', [3, 3]);
    const x = g.input('x', 'f32', ['tokens', 3]);
    const once = g.node(gram, { past, x }, {}, 'once').present!;
    g.node(gram, { past, x }, {}, 'twice');
    expect(() => g.finish({ outputs: [], states: { sum: once } })).toThrow(
      "[twice] it reads 'sum', which once has overwritten in place; a state has one reader after which only its successor exists.",
    );
  });
});

describe('the builder refuses', () => {
  const g = graphBuilder({ tokens: { max: 4 } });
  const x = g.input('x', 'f32', ['tokens', 8]);
  test('missing inputs', () => {
    expect(() => g.node(matMul, { A: x })).toThrow("[matmul.0] MatMul has no input 'B'; it takes A, B.");
  });
  test('shapes that do not fit', () => {
    const B = g.input('b', 'f32', [7, 3]);
    expect(() => g.node(matMul, { A: x, B }, {}, 'l')).toThrow(
      "[l] 'A' is [tokens, 8] and 'B' is [7, 3]; the last axis of A must be as long as the last but one of B.",
    );
  });
  test('names used twice', () => {
    expect(() => g.input('x', 'f32', [1])).toThrow(
      '[x] the name is used twice; every value of a graph has a name of its own. Fix: rename one of them.',
    );
  });
});
