// Contents of small integers in graphs: what shapes are computed with vanishes while a graph is built.
import { baselineCapabilities, type Extent } from '@tilewright/kernels';
import { elementwise, elementwiseFilling } from '@tilewright/kernels/elementwise';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expect, test } from 'vitest';
import { graphBuilder } from './builder.ts';
import { compile } from './compile.ts';
import { printExtent } from './extent/index.ts';
import type { Operator } from './ir.ts';
import { defineOperator } from './operators/operator.ts';
import { gatherWithFold } from './operators/shape/gather.ts';
import { spreadRequest } from './operators/pointwise/spread-request.ts';
import { addWithFold } from './operators/pointwise/add.ts';
import { divWithFold } from './operators/pointwise/div.ts';
import { mulWithFold } from './operators/pointwise/mul.ts';
import { relu } from './operators/pointwise/relu.ts';
import { subWithFold } from './operators/pointwise/sub.ts';
import { concat } from './operators/shape/concat.ts';
import { reshape } from './operators/shape/reshape.ts';
import { shape } from './operators/shape/shape.ts';
import { loadSession } from './session.ts';

const required = (...names: readonly string[]) => names.map((name) => ({ name, kind: 'required' as const }));
/** x `[batch, tokens, 24]` as `[batch, tokens, 4, 6]`, in the way that exporters write it. */
function splitHeads() {
  const g = graphBuilder({ batch: { min: 1, max: 2 }, tokens: { min: 1, max: 5 } });
  const x = g.input('x', 'f32', ['batch', 'tokens', 24]);
  const sizes = g.node(shape, { data: x }, {}, 'shape').shape!;
  const at = (index: number): string =>
    g.node(
      gatherWithFold,
      { data: sizes, indices: g.integers(`index ${index}`, [1], [index]) },
      {},
      `size ${index}`,
    ).output!;
  const rest = g.integers('rest', [2], [4, -1]);
  const target = g.node(concat, { a: at(0), b: at(1), c: rest }, { axis: 0 }, 'target').concat_result!;
  const split = g.node(reshape, { data: x, shape: target }, {}, 'split').reshaped!;
  return g.finish({ outputs: [g.node(relu, { X: split }, {}, 'relu').Y!] });
}

test('Shape, Gather and Concat in front of a Reshape vanish while the graph is built', () => {
  const graph = splitHeads();
  expect(graph.nodes.map(({ name }) => name)).toEqual(['split', 'relu']);
  expect(graph.values['split.reshaped']!.shape).toEqual(['batch', 'tokens', 4, 6]);
  expect(graph.contents['target.concat_result']).toEqual(['batch', 'tokens', 4, -1]);
  expect(graph.equalities).toEqual([]);
  const compiled = compile(graph, { capabilities: baselineCapabilities });
  expect(compiled.calls.map(({ label }) => label)).toEqual(['relu']);
  // The integers are in no buffer, and what only they needed is gone.
  expect(Object.keys(compiled.memory.placements).sort()).toEqual(['relu.Y', 'x']);
  expect(Object.keys(compiled.graph.contents)).toEqual(['target.concat_result']);
});

test('arithmetic of sizes is reckoned with, and what it leaves open is checked in runs', () => {
  const g = graphBuilder({ rows: { max: 6 }, columns: { max: 6 } });
  const x = g.input('x', 'f32', ['rows', 'columns']);
  const sizes = g.node(shape, { data: x }, {}, 'shape').shape!;
  const doubled = g.node(mulWithFold, { A: sizes, B: g.integers('two', [1], [2]) }, {}, 'doubled').C!;
  const half = g.integers('half', [1], [3]);
  const target = g.node(concat, { a: doubled, b: half }, { axis: 0 }, 'target').concat_result!;
  const y = g.node(
    reshape,
    { data: g.input('z', 'f32', ['rows', 12]), shape: target },
    {},
    'split',
  ).reshaped!;
  const graph = g.finish({ outputs: [y] });
  expect(graph.values[y]!.shape).toEqual([['*', 2, 'rows'], ['*', 2, 'columns'], 3]);
  const want: readonly Extent[] = [
    ['*', 12, 'rows'],
    ['*', 12, ['*', 'columns', 'rows']],
  ];
  expect(graph.equalities).toEqual([{ subject: 'split', sizes: want }]);
});

test('a kernel does not read integers that only the graph knows', () => {
  const g = graphBuilder({ n: { max: 4 } });
  const copied: Operator = defineOperator({
    domain: 'stranger',
    name: 'Copy',
    // y = x
    inputs: required('x'),
    infer: ({ inputs }) => ({ y: inputs.x! }),
    lower: (node, context) =>
      spreadRequest(
        {
          kernel: elementwise,
          y: node.outputs.y!,
          operands: { x: [node.inputs.x!, 'full'] },
          fill: (spread) => elementwiseFilling({ expression: 'x', ...spread }),
        },
        context,
      ),
  });
  const y = g.node(copied, { x: g.integers('sizes', [2], ['n', 3]) }, {}, 'copy').y!;
  expect(() => compile(g.finish({ outputs: [y] }), { capabilities: baselineCapabilities })).toThrow(
    "[copy] it reads 'sizes' as a tensor; its elements [n, 3] are known to the graph alone. " +
      'Fix: give them as a constant or an input.',
  );
});

test('known integers are as many as their shape says', () => {
  const g = graphBuilder({});
  expect(() => g.integers('places', [3], [1, 2])).toThrow(
    '[places] there are 2 elements of [3]; known integers are as many as their shape says, and at most 64. ' +
      'Fix: give others as a constant.',
  );
});

test.skipIf(testProfile.compileOnly)('the reshaped values are those of the input', async () => {
  const { device, dispose } = await openTestDevice();
  const compiled = compile(splitHeads(), { capabilities: device.capabilities });
  const session = await loadSession(device, { step: compiled }, new Map());
  const x = Float32Array.from({ length: 2 * 3 * 24 }, (_, i) => i);
  session.executables.step!.run({ batch: 2, tokens: 3 }, { x });
  expect([...(await session.executables.step!.read('relu.Y'))]).toEqual([...x]);
  session.dispose();
  dispose();
});

test('sizes are added, cut and divided as exporters write it', () => {
  const g = graphBuilder({ tokens: { min: 1, max: 6 } });
  const sizes = g.node(shape, { data: g.input('x', 'f32', ['tokens', 12]) }, {}, 'shape').shape!;
  const one = (name: string, value: number): string => g.integers(name, [1], [value]);
  const tokens = g.node(gatherWithFold, { data: sizes, indices: one('first', 0) }, {}, 'tokens').output!;
  const more = g.node(addWithFold, { A: tokens, B: one('three', 3) }, {}, 'more').C!;
  const fewer = g.node(subWithFold, { A: more, B: one('five', 5) }, {}, 'fewer').C!;
  const half = g.node(divWithFold, { A: more, B: one('two', 2) }, {}, 'half').C!;
  const graph = g.finish({
    outputs: [g.node(concat, { a: more, b: fewer, c: half }, { axis: 0 }, 'all').concat_result!],
  });
  expect(graph.nodes).toEqual([]);
  expect(graph.contents['all.concat_result']!.map(printExtent)).toEqual([
    'tokens + 3',
    'tokens − 2',
    '⌈tokens/2⌉ + 1',
  ]);
});

test.skipIf(testProfile.compileOnly)(
  'what sizes leave open a kernel computes of the numbers of a run',
  async () => {
    const g = graphBuilder({ tokens: { min: 1, max: 6 } });
    const sizes = g.node(shape, { data: g.input('x', 'f32', ['tokens']) }, {}, 'shape').shape!;
    const fewer = g.node(subWithFold, { A: sizes, B: g.integers('four', [1], [4]) }, {}, 'fewer').C!;
    const half = g.node(divWithFold, { A: fewer, B: g.integers('two', [1], [2]) }, {}, 'half').C!;
    const { device, capabilities, dispose } = await openTestDevice();
    const compiled = compile(g.finish({ outputs: [half] }), { capabilities });
    const session = await loadSession(device, { compiled }, new Map());
    const results: number[] = [];
    for (const tokens of [1, 3, 6]) {
      session.executables.compiled!.run({ tokens });
      results.push(...(await session.executables.compiled!.read(half)));
    }
    session.dispose();
    dispose();
    expect(results).toEqual([-1, 0, 1]);
  },
);
