// Recurrent operators as nodes of a graph with states: whole, token by token and in parts are the same, in every form that the kernel
// has, and what f64 says. Their published vectors are run by `npm run conformance`.
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MixerCase, type MixerResult, mixerRun } from '../../oracle/run-in-parts.ts';
import { meanings } from '../../registry.ts';
import { gatedScan } from './gated-scan.ts';

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** What is run, and the variants of the kernel. */
const mixers: Readonly<Record<string, readonly [mixer: MixerCase, ...variants: string[]]>> = {
  GatedScan: [
    {
      operator: gatedScan,
      sequences: { a: [7, sigmoid], b: [7] },
      states: { initial: ['final', [7]] },
      output: 'h',
      batch: 2,
      tokens: 41,
    },
    'walk',
    'chunks',
  ],
};

/** Errors of f32 as a fraction of the largest value. */
function expectSame(got: MixerResult, want: MixerResult, tolerance: number): void {
  for (const [role, numbers] of Object.entries(want)) {
    const values = Array.from(numbers);
    const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const worst = values.reduce(
      (largest, value, i) => Math.max(largest, Math.abs(got[role]![i]! - value)),
      0,
    );
    expect(got[role]!.length).toBe(values.length);
    expect([role, worst <= tolerance * most || worst]).toEqual([role, true]);
  }
}

describe.skipIf(testProfile.compileOnly)('states between steps', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const forms = Object.entries(mixers).flatMap(([name, [mixer, ...variants]]) =>
    variants.map((variant) => [name, variant, mixer] as const),
  );
  test.each(forms)('%s, %s: whole = part + part = step by step', async (_, variant, mixer) => {
    const { meant, onDevice } = mixerRun(mixer, meanings);
    const want = meant();
    const { tokens } = mixer;
    for (const parts of [[tokens], [tokens - 15, 3, 12], Array.from({ length: tokens }, () => 1)])
      expectSame(await onDevice(opened.device, parts, variant), want, 1e-5);
  });
});
