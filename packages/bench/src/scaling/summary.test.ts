import { expect, test } from 'vitest';
import type { ScalingRow } from './row.ts';
import { summariseScaling } from './summary.ts';

const row = (curve: string, keys: number, ms: number, rest: Partial<ScalingRow> = {}): ScalingRow => ({
  kind: 'scaling',
  curve,
  family: curve === 'causal' ? 'attention' : 'mixer',
  queries: keys,
  keys,
  heads: 4,
  headSize: 64,
  status: 'passed',
  message: '',
  error: 0,
  allowed: 1e-4,
  timeMs: { p20: ms, p50: ms, p80: ms },
  extrapolatedMs: null,
  clock: 'timestamp',
  samples: 3,
  growth: null,
  expectedGrowth: 1,
  movedBytes: 1,
  dispatches: 1,
  allocatedBytes: 1,
  plans: [],
  environment: {} as ScalingRow['environment'],
  ...rest,
});

const estimate = (curve: string, keys: number, ms: number): ScalingRow =>
  row(curve, keys, ms, { status: 'extrapolated', timeMs: null, extrapolatedMs: ms });

const lengths = [256, 512, 1024, 2048, 4096];
const square = lengths.map((keys) => row('causal', keys, (keys / 1024) ** 2));

test('the slope is that of measured times from 1,024 on', () => {
  const mixer = [
    row('mixer', 512, 1e9),
    ...[1024, 2048, 4096].map((keys) => row('mixer', keys, 7 * keys ** 1.25)),
  ];
  const [attention, mixed] = summariseScaling([...square, ...mixer, estimate('mixer', 8192, 1)]);
  expect(attention!.slope).toBeCloseTo(2);
  expect(mixed!.slope).toBeCloseTo(1.25);
  expect(summariseScaling([row('mixer', 512, 1), row('mixer', 1024, 2)])[0]!.slope).toBeNull();
});

test('a crossing lies between lengths, where lines in logarithms meet', () => {
  // Twice the time of attention at 1,024, as long at 2,048.
  const crossingAt = (factor: number) =>
    summariseScaling([...square, ...lengths.map((keys) => row('mixer', keys, (factor * keys) / 1024))])[1]!
      .crossing!;
  const { at, ...rest } = crossingAt(2.5);
  expect(at).toBeCloseTo(2560);
  expect(rest).toEqual({ isShortest: false, isExtrapolated: false });
  expect(crossingAt(0.1)).toEqual({ at: 256, isShortest: true, isExtrapolated: false });
  expect(crossingAt(5)).toEqual({ at: null, isShortest: false, isExtrapolated: false });
});

test('a crossing beyond what was measured says so, and attention has none', () => {
  const rows = [...square, estimate('causal', 8192, 64), row('mixer', 4096, 20), row('mixer', 8192, 40)];
  const [attention, mixed] = summariseScaling(rows);
  expect(attention!.crossing).toBeNull();
  expect(mixed!.crossing!.isExtrapolated).toBe(true);
  expect(mixed!.crossing!.at).toBeCloseTo(5120);
  expect(summariseScaling([row('mixer', 256, 1)])[0]!.crossing).toBeNull();
});
