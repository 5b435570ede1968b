import { expect, test } from 'vitest';
import type { ScalingRow } from '../scaling/row.ts';
import { crossingText, perDoubling, scaling } from './scaling.ts';

const row = (curve: string, keys: number, ms: number | null, rest: Partial<ScalingRow> = {}): ScalingRow => ({
  kind: 'scaling',
  curve,
  family: 'attention',
  queries: keys,
  keys,
  heads: 4,
  headSize: 64,
  status: ms === null ? 'unsupported' : 'passed',
  message: ms === null ? 'too large' : '',
  error: null,
  allowed: 1e-4,
  timeMs: ms === null ? null : { p20: 0.9 * ms, p50: ms, p80: 1.1 * ms },
  extrapolatedMs: null,
  clock: ms === null ? null : 'timestamp',
  samples: 3,
  growth: null,
  expectedGrowth: 1,
  movedBytes: 1000 * keys,
  dispatches: 1,
  allocatedBytes: 2000 * keys,
  plans: [],
  environment: {} as ScalingRow['environment'],
  ...rest,
});

test('a doubling is taken over all lengths that have a time', () => {
  expect(perDoubling([row('a', 1024, 90), row('a', 256, 10), row('a', 512, 31)])).toBeCloseTo(3);
  expect(perDoubling([row('a', 256, 10), row('a', 512, null)])).toBeNull();
  expect(perDoubling([])).toBeNull();
});

test('every curve has a line in both plots and a row in the table', () => {
  const { markup } = scaling([
    row('window', 256, 10),
    row('full', 256, 20, { expectedGrowth: 2 }),
    row('window', 512, 20),
    row('full', 512, null, { expectedGrowth: 2 }),
  ]);
  expect(markup.match(/class="curve"/g)).toHaveLength(4);
  expect(markup.match(/<title>window, 512 keys: 20 ms<\/title>/g)).toHaveLength(1);
  expect(markup.match(/<title>window, 512 keys: 512 kB<\/title>/g)).toHaveLength(1);
  const cells = [...markup.matchAll(/<td class="[a-z]*">([^]*?)<\/td>/g)].map(([, text]) => text);
  const spread = (median: string, from: string, to: string): string =>
    `${median}<br /><small>${from} – ${to}</small>`;
  const want = [
    [
      'window',
      spread('10 ms', '9 ms', '11 ms'),
      spread('20 ms', '18 ms', '22 ms'),
      '×2',
      '×2',
      '–',
      '–',
      '512 kB',
      '1.02 MB',
    ],
    ['full', spread('20 ms', '18 ms', '22 ms'), 'unsupported', '–', '×4', '–', '–', '256 kB', '512 kB'],
  ];
  expect(cells).toEqual(want.flat());
});

test('mixers stand beside causal attention, whose extrapolated times are marked', () => {
  const extrapolated = { status: 'extrapolated', extrapolatedMs: 160, movedBytes: 0 } as const;
  const mixer = (keys: number, ms: number): ScalingRow => row('scan', keys, ms, { family: 'mixer' });
  const { markup } = scaling([
    row('causal', 1024, 10, { expectedGrowth: 2 }),
    mixer(1024, 20),
    row('causal', 2048, 40, { expectedGrowth: 2 }),
    mixer(2048, 40),
    row('causal', 4096, null, { ...extrapolated, expectedGrowth: 2 }),
    mixer(4096, 80),
  ]);
  expect(markup).toContain('<h2>Mixers over the length of the sequence</h2>');
  // In the plots of times of both sections, and in no plot of bytes.
  expect(markup.match(/fill="var\(--paper\)"/g)).toHaveLength(2);
  expect(markup.match(/<title>causal, 4096 keys: 160 ms, extrapolated<\/title>/g)).toHaveLength(2);
  expect(markup).toContain('≈ 160 ms');
  expect(markup).toMatch(
    /<td class="text">scan<\/td>[^]*<td class="">1<\/td>\s*<td class="">from 2,048 on<\/td>/,
  );
});

test.each([
  [{ at: 256, isShortest: true, isExtrapolated: false }, 'at 256 already'],
  [{ at: 5120.4, isShortest: false, isExtrapolated: true }, 'from 5,120 on, by extrapolated times'],
  [{ at: null, isShortest: false, isExtrapolated: false }, 'at no length'],
])('the crossing %j in words', (crossing, text) => {
  expect(crossingText(crossing)).toBe(text);
});
