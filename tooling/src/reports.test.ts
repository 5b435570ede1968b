// The reports as a browser lays them out: at 1200 pixels every table fits, at 390 what does not fit can be scrolled.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeReport } from '@tilewright/bench/report';
import type { ComparisonRow, ScalingRow } from '@tilewright/bench';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chromium, findChromium, type Page, startChromium } from '../../apps/demo/src/test/chromium.ts';
import type { VariantRow } from '../../packages/cli/src/start/measure-variant.ts';
import { writeStartReport } from '../../packages/cli/src/start/report.ts';

const environment = {
  adapter: 'llvmpipe',
  software: true,
  driver: 'llvmpipe',
  subgroups: [8, 8],
  features: ['shader-f16'],
  toggles: [],
  versions: { node: '20' },
  platform: 'linux-x64',
  commit: null,
  date: '2026-11-30',
} as unknown as ScalingRow['environment'];

const lengths = [256, 512, 1024, 2048, 4096].map((keys): ScalingRow => ({
  kind: 'scaling',
  curve: 'decoding over a paged cache',
  family: 'attention',
  extrapolatedMs: null,
  queries: keys,
  keys,
  heads: 4,
  headSize: 64,
  status: 'passed',
  message: '',
  error: 1e-7,
  allowed: 1e-6,
  timeMs: { p20: 0.113 * keys, p50: 0.123 * keys, p80: 0.143 * keys },
  clock: 'timestamp',
  samples: 15,
  growth: 1,
  expectedGrowth: 1,
  movedBytes: 123_456 * keys,
  dispatches: 1,
  allocatedBytes: 223_456 * keys,
  plans: [],
  environment,
}));
const compared: ComparisonRow = {
  kind: 'comparison',
  op: 'GroupQueryAttention',
  case: 'decode, 1 token, 2 thousand keys, 32 heads over 8',
  status: 'compared',
  message: '',
  oursMs: 123,
  peerMs: 145,
  ratio: 1.18,
  oursError: 1.1e-6,
  peerError: 1.2e-6,
  slower: false,
  runs: [110, 123, 140].map((oursMs) => ({ oursMs, peerMs: 145, ratio: 145 / oursMs })),
  samplesPerRun: 5,
  ours: {
    kernel: 'decode-attention',
    plan: { variant: 'subgroups', tile: 64, splits: 8 },
    planRank: 0,
    options: {},
  },
  flops: 1,
  peer: { name: 'onnxruntime', version: '1.30.0' },
  environment,
};
const variant: VariantRow = {
  name: '2:4-sparsegpt+int4-gptq',
  weightBytes: 926_000,
  bitsPerWeight: 32,
  heldOutLoss: 3.1234,
  klToDense: 0.1234,
  top1Agreement: 1,
  prefillTokensPerSecond: { p20: 10_493, p50: 11_573, p80: 12_798 },
  decodeTokensPerSecond: { p20: 1366, p50: 1545, p80: 1749 },
  dispatchesPerToken: 133,
  movedBytesPerToken: 1_190_000,
  compulsoryBytesPerToken: 1_130_000,
  plannedPeakBytes: 7_190_000,
  allocatedPeakBytes: 7_190_000,
};
const started = writeStartReport({
  adapter: { kind: 'lavapipe', description: 'llvmpipe', software: true, features: [], reason: 'asked for' },
  model: { name: 'tiny', architecture: 'llama', parameters: 1e6, context: 128, statedHeldOutLoss: null },
  variants: [{ ...variant, name: 'dense-f32' }, variant],
  text: 'ROMEO:',
  sources: { heldOut: 'the second half of sample.txt', calibration: 'the first half of sample.txt' },
  coldStart: { pipelines: 1, compileMs: 1, firstTokenMs: 1 },
  pipelines: 1,
  compileMs: 1,
  seconds: 1,
});

const executable = findChromium();

// Layout is the browser's; a machine without one cannot say.
describe.skipIf(executable === undefined)('in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-reports-'));
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await startChromium(executable!);
  });
  afterAll(async () => {
    await chromium.close();
    rmSync(folder, { recursive: true });
  });

  /** By how many pixels each table is wider than its place, and the page wider than the window. */
  async function overflows(page: Page, width: number): Promise<{ tables: number[]; page: number }> {
    await page.command('Emulation.setDeviceMetricsOverride', {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    return await page.evaluate(`({
      tables: [...document.querySelectorAll('.scroll')].map((each) => each.scrollWidth - each.clientWidth),
      page: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    })`);
  }

  test.each([
    ['start', started, 1],
    ['bench', writeReport([compared, ...lengths]), 2],
  ])('the report of %s fits at 1200 pixels, and scrolls its tables at 390', async (name, text, count) => {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, text);
    const page = await chromium.open(pathToFileURL(file).href);
    expect(await overflows(page, 1200)).toEqual({ tables: Array<number>(count).fill(0), page: 0 });
    const narrow = await overflows(page, 390);
    expect(narrow.page).toBe(0);
    for (const table of narrow.tables) expect(table).toBeGreaterThan(0);
    expect(await page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX")).toBe('auto');
    await page.close();
  });
});
