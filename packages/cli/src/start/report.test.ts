import { expect, test } from 'vitest';
import type { VariantRow } from './measure-variant.ts';
import { bytesAndSpeed, writeStartReport } from './report.ts';
import { spread, tableHead, tableLegend, tableRow } from './table.ts';

const row = (
  name: string,
  movedBytes: number,
  speed: number,
  rest: Partial<VariantRow> = {},
): VariantRow => ({
  name,
  weightBytes: movedBytes,
  bitsPerWeight: 4.5,
  heldOutLoss: 3.5,
  klToDense: 0.01,
  top1Agreement: 0.9,
  prefillTokensPerSecond: { p20: 900, p50: 1000, p80: 1100 },
  decodeTokensPerSecond: { p20: 0.9 * speed, p50: speed, p80: 1.1 * speed },
  dispatchesPerToken: 33,
  movedBytesPerToken: movedBytes,
  compulsoryBytesPerToken: movedBytes,
  plannedPeakBytes: 1e6,
  allocatedPeakBytes: 1e6,
  ...rest,
});
const dense = row('dense-f32', 4e6, 113);

test('the sentence about bytes and speed is what the figures say', () => {
  expect(bytesAndSpeed([dense, row('half', 2e6, 222), row('int4', 1e6, 115), row('int3', 8e5, 60)])).toBe(
    'Variants that move fewer bytes than dense-f32: 3. Faster by more than the spread of the repeats: 1; slower by more than ' +
      'it: 1; within it: 1; the fastest, half, moves 50 % of the bytes and decodes 1.96 times as fast.',
  );
  expect(bytesAndSpeed([dense, row('half', 2e6, 110), row('more', 5e6, 400)])).toBe(
    'Variants that move fewer bytes than dense-f32: 1. Faster by more than the spread of the repeats: 0; slower by more than ' +
      'it: 0; within it: 1.',
  );
  expect(bytesAndSpeed([dense])).toBe('');
  expect(bytesAndSpeed([])).toBe('');
});

const sources = { heldOut: 'the second half of sample.txt of tiny', calibration: 'the first half of it' };
const result = {
  adapter: { kind: 'lavapipe', description: 'llvmpipe', software: true, features: [], reason: 'asked for' },
  model: { name: 'tiny', architecture: 'llama', parameters: 1e6, context: 128, statedHeldOutLoss: null },
  variants: [dense, row('half', 2e6, 222)],
  text: 'ROMEO:',
  sources,
  coldStart: { pipelines: 1, compileMs: 1, firstTokenMs: 1 },
  pipelines: 1,
  compileMs: 1,
  seconds: 1,
};

test('the report names its texts, and gives speeds with their spread', () => {
  const page = writeStartReport(result);
  expect(page).toContain(sources.heldOut);
  expect(page).toContain(sources.calibration);
  expect(page).toContain('222 (200–244)');
  expect(page).toContain('Faster by more than the spread of the repeats: 1;');
  expect(page).not.toContain('save no time');
  expect(page).not.toMatch(/NaN|undefined|<script|https?:/);
  const without = writeStartReport({
    ...result,
    variants: result.variants.map((each) => ({ ...each, heldOutLoss: null })),
    sources: { heldOut: null, calibration: 'passages the model wrote itself' },
  });
  expect(without).toContain('no text: this folder has no sample.txt, and --text FILE named none');
});

test('the columns of the table on the screen stand below their heads', () => {
  const terminal = { out: () => {}, error: () => {}, colour: false, interactive: false };
  const wide = row('2:4-sparsegpt+int4-gptq', 1e6, 1200);
  expect(tableRow(wide)).toHaveLength(tableHead(terminal).length);
  expect(spread({ p20: 108.6, p50: 113.2, p80: 118 })).toBe('113 (109–118)');
  expect(tableLegend(sources)).toContain(
    `loss: nats per token on ${sources.heldOut}; KL, top-1: against dense-f32 on its first windows, 64 at most`,
  );
  expect(tableLegend({ ...sources, heldOut: null })).toContain('--text FILE names one');
});
