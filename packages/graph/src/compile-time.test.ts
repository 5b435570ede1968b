// Compiling takes time in proportion to the nodes: nothing in it looks at all pairs.
import { baselineCapabilities } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import { graphBuilder } from './builder.ts';
import { compile } from './compile.ts';
import type { Graph } from './ir.ts';
import { matMul } from './operators/products/mat-mul.ts';
import { relu } from './operators/pointwise/relu.ts';

/** A product in front of each `formulas` formulas. */
function chain(nodes: number, formulas = 1): Graph {
  const g = graphBuilder({});
  const w = g.input('w', 'f32', [16, 16]);
  let x = g.input('x', 'f32', [4, 16]);
  for (let i = 0; i < nodes; i++)
    x = i % (formulas + 1) === 0 ? g.node(matMul, { A: x, B: w }).Y! : g.node(relu, { X: x }).Y!;
  return g.finish({ outputs: [x] });
}

/** Processor time of one compilation: what others do on the machine does not count. */
function compileMs(graph: Graph): number {
  const before = process.cpuUsage();
  compile(graph, { capabilities: baselineCapabilities });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test.each([
  ['products and formulas in turns', 1],
  ['one product and formulas behind it', Infinity],
])(
  'four times the nodes take about four times as long: %s',
  (_name, formulas) => {
    const [few, many] = [chain(500, formulas), chain(2000, formulas)];
    // In turns, so that both see the same machine; the first of each only warms up.
    const pairs = Array.from({ length: 9 }, () => [compileMs(few), compileMs(many)] as const).slice(1);
    const least = (side: 0 | 1): number => Math.min(...pairs.map((pair) => pair[side]));
    // Quadratic would be 16.
    expect(least(1) / least(0)).toBeLessThan(10);
  },
  120_000,
);

test('layers that are alike are lowered once', () => {
  let planned = 0;
  const { calls } = compile(chain(40), {
    capabilities: baselineCapabilities,
    choosePlan: (_kernel, plans) => {
      planned++;
      return plans[0]!;
    },
  });
  // Each product has taken in the node behind it.
  expect(calls).toHaveLength(20);
  expect(planned).toBe(1);
});
