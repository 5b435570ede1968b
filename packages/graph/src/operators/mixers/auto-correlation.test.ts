// Auto-correlation as a node of a graph, on the device under test against direct sums in f64, delays exactly. Its published vectors are run by
// `npm run conformance`.
import { baselineCapabilities } from '@tilewright/kernels';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '../../builder.ts';
import { compile } from '../../compile.ts';
import { runNode } from '../../oracle/run-node.ts';
import { meanings } from '../../registry.ts';
import { autoCorrelation } from './auto-correlation.ts';

const cases = [
  { shape: ['n', 24, 5], top: 24, calls: 6 },
  { shape: [2, 1, 3], top: 1 },
  { shape: [1, 37, 4], top: 3, calls: 7 },
  { shape: [2, 90, 6], top: 5, dtype: 'f16' },
  { shape: [1, 2100, 2], top: 4, calls: 6 },
] as const;

describe.skipIf(testProfile.compileOnly)('auto-correlation', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  test.each(cases)('of %j', async ({ shape, top, ...more }) => {
    const { dtype, calls } = { dtype: 'f32' as const, calls: undefined, ...more };
    const inputs = Object.fromEntries(['q', 'k', 'v'].map((role) => [role, shape]));
    const draw = (normal: number): number => normal;
    const node = { operator: autoCorrelation, inputs, attributes: { top }, dtype, draw };
    const { results, calls: made } = await runNode(opened.device, meanings, node);
    const { y, delays } = results;
    for (const want of delays!.wants) expect([...(delays!.got as Uint32Array)]).toEqual([...want]);
    for (const want of y!.wants) {
      const most = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      const worst = want.reduce((off, value, i) => Math.max(off, Math.abs(y!.got[i]! - value)), 0);
      expect(y!.got.length).toBe(want.length);
      expect(worst).toBeLessThan((dtype === 'f16' ? 1e-3 : 1e-5) * most);
    }
    if (calls !== undefined) expect(made).toBe(calls);
  });

  test('a sequence that repeats has its period for the first delay besides none', async () => {
    const [tokens, period, channels] = [60, 12, 3];
    const wave = Array.from({ length: tokens * channels }, (_, at) => {
      const [token, channel] = [Math.floor(at / channels) % period, at % channels];
      return Math.round(64 * Math.sin(token * token + channel)) / 64;
    });
    const data = { q: wave, k: wave, v: wave };
    const inputs = Object.fromEntries(['q', 'k', 'v'].map((role) => [role, [1, tokens, channels]]));
    const node = { operator: autoCorrelation, inputs, attributes: { top: 5 }, data };
    const { results } = await runNode(opened.device, meanings, node);
    const delays = [...(results.delays!.got as Uint32Array)];
    expect(delays.toSorted((a, b) => a - b)).toEqual([0, period, 2 * period, 3 * period, 4 * period]);
    // Copies of a sequence that repeats, each a period on, are the sequence.
    const worst = wave.reduce((off, value, i) => Math.max(off, Math.abs(results.y!.got[i]! - value)), 0);
    expect(worst).toBeLessThan(1e-5);
  });

  test('a batch row reads nothing of another', async () => {
    const shape = [2, 20, 3];
    const inputs = Object.fromEntries(['q', 'k', 'v'].map((role) => [role, shape]));
    const first = Array.from({ length: 60 }, (_, i) => Math.sin(3 * i * i));
    const other = Array.from({ length: 60 }, (_, i) => 7 * Math.cos(i));
    const run = async (second: readonly number[]): Promise<readonly number[]> => {
      const row = [...first, ...second];
      const data = { q: row, k: row, v: row };
      const { results } = await runNode(opened.device, meanings, {
        operator: autoCorrelation,
        inputs,
        attributes: { top: 4 },
        data,
      });
      return Array.from(results.y!.got).slice(0, 60);
    };
    expect(await run(other)).toEqual(await run(first));
  });
});

test('the delays alone need neither a softmax nor v', () => {
  const g = graphBuilder({});
  const [q, k, v] = ['q', 'k', 'v'].map((name) => g.input(name, 'f32', [2, 16, 4])) as [
    string,
    string,
    string,
  ];
  const { delays } = g.node(autoCorrelation, { q, k, v }, { top: 2 });
  const compiled = compile(g.finish({ outputs: [delays!] }), { capabilities: baselineCapabilities });
  expect(compiled.calls.map(({ program }) => program.kernel)).toEqual(['fft', 'fft', 'reduce', 'top-k']);
});
