// Long convolutions as nodes of a graph, by sums and by transforms, on the device under test against direct sums in f64. Errors are of the largest
// value, as transforms mix all of a line. Published vectors are run by `npm run conformance`.
import { baselineCapabilities } from '@tilewright/kernels';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '../../builder.ts';
import { compile } from '../../compile.ts';
import { type NodeCase, runNode } from '../../oracle/run-node.ts';
import { meanings } from '../../registry.ts';
import { longConvolution } from './long-convolution.ts';
import { longConvolution2d } from './long-convolution2d.ts';

const bidirectional = { bidirectional: 1 };
const cases: readonly (Omit<NodeCase, 'operator'> & { readonly calls: number })[] = [
  { inputs: { x: ['n', 31, 5], h: [31, 5], D: [5] }, calls: 1 },
  { inputs: { x: ['n', 301, 5], h: [301, 5], D: [5] }, calls: 2 },
  { inputs: { x: [2, 300, 4], h: [170, 4] }, calls: 2 },
  { inputs: { x: [1, 211, 3], h: [500, 3], D: [3] }, calls: 2 },
  { inputs: { x: ['n', 257, 3], h: [399, 3], D: [3] }, attributes: bidirectional, calls: 2 },
  { inputs: { x: [1, 300, 2], h: [101, 2] }, attributes: bidirectional, calls: 2 },
  { inputs: { x: [1, 150, 2], h: [799, 2] }, attributes: bidirectional, calls: 2 },
  { inputs: { x: [2, 1500, 2], h: [1500, 2], D: [2] }, calls: 2 },
  { inputs: { x: [2, 400, 3], h: [400, 3], D: [3] }, dtype: 'f16', calls: 2 },
  { inputs: { x: ['n', 41, 37, 2], h: [41, 37, 2], D: [2] }, calls: 5 },
  { inputs: { x: [1, 20, 60, 3], h: [31, 64, 3] }, calls: 5 },
  { inputs: { x: [2, 3, 60, 3], h: [3, 2, 3], D: [3] }, calls: 1 },
];

describe.skipIf(testProfile.compileOnly)('long convolutions', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());
  test.each(cases)('of $inputs, $attributes', async ({ calls, ...node }) => {
    const operator =
      node.inputs.h instanceof Array && node.inputs.h.length === 3 ? longConvolution2d : longConvolution;
    const { results, calls: made } = await runNode(opened.device, meanings, { ...node, operator });
    const { got, wants } = results.y!;
    for (const want of wants) {
      const most = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      const worst = want.reduce((off, value, i) => Math.max(off, Math.abs(got[i]! - value)), 0);
      expect(got.length).toBe(want.length);
      expect(worst).toBeLessThan((node.dtype === 'f16' ? 1e-3 : 2e-6) * most);
    }
    expect(made).toBe(calls);
  });
});

test('sums are taken where only a run knows the tokens', () => {
  const g = graphBuilder({ tokens: { max: 4096 } });
  const [x, h] = [g.input('x', 'f32', [1, 'tokens', 8]), g.input('h', 'f32', [4096, 8])];
  const { y } = g.node(longConvolution, { x, h });
  const { calls } = compile(g.finish({ outputs: [y!] }), { capabilities: baselineCapabilities });
  expect(calls.map(({ program }) => program.kernel)).toEqual(['long-conv']);
});
