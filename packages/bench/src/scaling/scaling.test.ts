import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Drawn, heads, size } from './curve.ts';
import { curves } from './curves.ts';
import { measureScaling } from './measure-scaling.ts';
import { type ScalingRow, scalingRowSchema } from './row.ts';
import { sampledError, type Sees } from './sampled-oracle.ts';

// Curves are timed: what compiles only, or a part, is no use to them.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('curves', () => {
  // Every Plan is a compilation of seconds, and checked elsewhere.
  const quick = { plans: 'first', samples: 3 } as const;
  let opened: TestDevice;
  let rows: readonly ScalingRow[];
  const seen: string[] = [];
  beforeAll(async () => {
    opened = await openTestDevice();
    // No whole number of blocks, pages or tiles.
    const options = { ...quick, lengths: [130], onProgress: (line: string) => void seen.push(line) };
    rows = await measureScaling(opened.device, options);
  });
  afterAll(() => opened?.dispose());

  test('every curve is right and timed', () => {
    expect(rows.map(({ curve, keys, status }) => [curve, keys, status])).toEqual(
      curves.map(({ name }) => [name, 130, 'passed']),
    );
    for (const row of rows) expect(v.parse(scalingRowSchema, row)).toEqual(row);
    expect(seen).toContain('130 tokens, causal');
  });

  test('growth is that from half the length', async () => {
    const options = { ...quick, lengths: [9, 18, 20], filter: 'paged' };
    const [first, second, third] = await measureScaling(opened.device, options);
    expect([first!.growth, third!.growth]).toEqual([null, null]);
    expect(second!.growth).toBe(Math.log2(second!.timeMs!.p50 / first!.timeMs!.p50));
  });

  test('bytes are counted: all scores for three kernels, queries, keys, values and outputs for one', () => {
    const of = (name: string): ScalingRow => rows.find(({ curve, keys }) => curve === name && keys === 130)!;
    const tensor = 4 * heads * 130 * size;
    const scores = 4 * heads * 130 * 130;
    expect(of('full')).toMatchObject({ dispatches: 1, movedBytes: 4 * tensor });
    expect(of('three kernels')).toMatchObject({ dispatches: 3, movedBytes: 4 * tensor + 4 * scores });
    // Sizes of a run take some bytes of each kernel.
    const sizes = (name: string, most: number): number => of(name).allocatedBytes - most;
    for (const rest of [sizes('full', 4 * tensor), sizes('three kernels', 4 * tensor + 2 * scores)]) {
      expect(rest).toBeGreaterThan(0);
      expect(rest).toBeLessThanOrEqual(3 * 256);
    }
  });

  test('what would take minutes by a shorter length is not run, however much longer the length is', async () => {
    const options = { ...quick, lengths: [8, 16, 64], filter: 'paged', patienceMs: 1e-6 };
    const [first, second, third] = await measureScaling(opened.device, options);
    expect(first!.status).toBe('passed');
    expect(second).toMatchObject({ status: 'skipped', timeMs: null, growth: null, plans: [] });
    for (const { status, message } of [second!, third!]) {
      expect(status).toBe('skipped');
      expect(message).toMatch(/^it took [\d.]+ .s at 8 keys$/);
    }
  });

  test('nothing is left on the device', async () => {
    const { counters } = opened.device;
    const before = counters.bytesAlive;
    await measureScaling(opened.device, { lengths: [8], samples: 3, filter: 'decode' });
    expect(counters.bytesAlive).toBe(before);
  });
});

test.each([
  [[], 'the lengths are none'],
  [[512, 256], 'the lengths are 512, 256'],
  [[0], 'the lengths are 0'],
])('lengths %j are refused', async (lengths, problem) => {
  await expect(measureScaling(undefined as never, { lengths })).rejects.toThrow(
    `[measureScaling] ${problem}; they are positive integers, ascending. Fix: give for example 256, 512, 1024.`,
  );
});

test('the oracle finds a wrong query, and what is not a number', () => {
  const numbers = (count: number): Float32Array => new Float32Array(count).fill(0.5);
  const drawn: Drawn = {
    queries: 3,
    keys: 3,
    q: numbers(heads * 3 * size),
    k: numbers(heads * 3 * size),
    v: numbers(heads * 3 * size),
  };
  const all: Sees = () => () => true;
  const right = numbers(heads * 3 * size);
  expect(sampledError(all, drawn, right)).toBeLessThan(1e-12);
  const wrong = right.slice();
  wrong[wrong.length - 1] = 0.75;
  expect(sampledError(all, drawn, wrong)).toBeCloseTo(0.5);
  wrong[0] = NaN;
  expect(sampledError(all, drawn, wrong)).toBe(Infinity);
});
