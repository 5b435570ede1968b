// Compiling takes time in proportion to the nodes: nothing in it looks at all pairs.
import { baselineCapabilities } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import { graphBuilder } from './builder.ts';
import { compile } from './compile.ts';
import type { Graph } from './ir.ts';
import { matMul } from './operators/products/mat-mul.ts';
import { relu } from './operators/pointwise/relu.ts';

function chain(nodes: number): Graph {
  const g = graphBuilder({});
  const w = g.input('w', 'f32', [16, 16]);
  let x = g.input('x', 'f32', [4, 16]);
  for (let i = 0; i < nodes / 2; i++) x = g.node(relu, { X: g.node(matMul, { A: x, B: w }).Y! }).Y!;
  return g.finish({ outputs: [x] });
}

/** The least of some runs: what others do on the machine only adds to it. */
function leastMs(nodes: number): number {
  const graph = chain(nodes);
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    expect(compile(graph, { capabilities: baselineCapabilities }).calls).toHaveLength(nodes);
    return performance.now() - start;
  });
  return Math.min(...times);
}

test('four times the nodes take about four times as long, 2,000 well under a second where nothing else runs', () => {
  leastMs(100);
  const [few, many] = [leastMs(500), leastMs(2000)];
  // Quadratic would be 16.
  expect(many / few).toBeLessThan(9);
  expect(many).toBeLessThan(3000);
}, 60_000);

test('layers that are alike are lowered once', () => {
  let planned = 0;
  const { calls } = compile(chain(40), {
    capabilities: baselineCapabilities,
    choosePlan: (_kernel, plans) => {
      planned++;
      return plans[0]!;
    },
  });
  expect(calls).toHaveLength(40);
  expect(planned).toBe(2);
});
