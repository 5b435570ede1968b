import { expect, test } from 'vitest';
import type { ComparisonRow } from '../compare/row.ts';
import type { KernelRow } from '../suite/row.ts';
import { duration, figure, planText } from './format.ts';
import { html } from './markup.ts';
import { writeReport } from './write-report.ts';

const environment: KernelRow['environment'] = {
  adapter: 'Adapter <A> & "B"',
  vendor: 'v',
  architecture: 'a',
  driver: 'driver 1',
  software: true,
  subgroups: [8, 8],
  features: ['subgroups'],
  toggles: [],
  versions: { node: '20.0.0', webgpu: '0.6.2', tilewright: '0.0.0' },
  platform: 'linux-x64',
  commit: null,
  date: '2026-01-01T00:00:00.000Z',
};

const kernelRow = (kernel: string, rest: Partial<KernelRow> = {}): KernelRow => ({
  kind: 'kernel',
  kernel,
  workload: 'decode',
  model: 'model',
  size: 'small',
  axes: { rows: 1 },
  dtypes: { x: 'f32', y: 'f32' },
  formats: { w: 'int4-g32' },
  options: {},
  slots: {},
  plan: { variant: 'baseline', tile: 4 },
  planRank: 0,
  status: 'passed',
  message: '',
  error: 1e-7,
  allowed: 1e-6,
  timeMs: { p20: 0.9, p50: 1, p80: 1.1 },
  clock: 'timestamp',
  cache: 'warm',
  repeats: 2,
  samples: 15,
  bytes: 1e6,
  flops: 4e6,
  gigabytesPerSecond: 1,
  gigaflopsPerSecond: 4,
  percentOfCopy: 50,
  percentOfFma: 10,
  peaks: { copyGBps: 2, fmaGFLOPs: 40 },
  environment,
  ...rest,
});

const comparisonRow = (
  name: string,
  ratio: number | null,
  rest: Partial<ComparisonRow> = {},
): ComparisonRow => ({
  kind: 'comparison',
  op: 'MatMul',
  case: name,
  status: ratio === null ? 'peer-wrong' : 'compared',
  message: '',
  oursMs: ratio === null ? null : 1,
  peerMs: ratio,
  ratio,
  oursError: 1e-7,
  peerError: 2e-7,
  slower: ratio === null ? null : ratio < 0.95,
  runs: [],
  samplesPerRun: 15,
  ours: null,
  flops: 1,
  peer: { name: 'onnxruntime-node', version: '1.30.0' },
  environment,
  ...rest,
});

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

const page = writeReport([
  kernelRow('rms-norm'),
  kernelRow('gemv', { flops: 2e6, gigaflopsPerSecond: 2 }),
  kernelRow('cache-write', { flops: 0, gigaflopsPerSecond: 0, percentOfFma: 0 }),
  kernelRow('planted', {
    status: 'wrong',
    message: 'y[3] is 1 <b>, want 2',
    timeMs: null,
    gigaflopsPerSecond: null,
    gigabytesPerSecond: null,
    percentOfCopy: null,
    percentOfFma: null,
  }),
  comparisonRow('M 1', 2),
  comparisonRow('M 16', 0.5),
  comparisonRow('M 128', null),
]);

test('one file: no script, nothing from a network', () => {
  expect(page.startsWith('<!doctype html>')).toBe(true);
  expect(page).not.toMatch(/<script|<link|<img|src=|url\(|https?:|@import/);
  expect(page).toContain('prefers-color-scheme: dark');
  expect(page).toContain('name="viewport"');
});

test('whatever comes from rows is escaped', () => {
  expect(page).toContain('Adapter &lt;A&gt; &amp; &quot;B&quot; (software, on the CPU)');
  expect(page).toContain('y[3] is 1 &lt;b&gt;, want 2');
  expect(page).not.toContain('<b>');
});

test('tags are balanced', () => {
  for (const tag of [
    'html',
    'body',
    'table',
    'tr',
    'td',
    'th',
    'svg',
    'figure',
    'ul',
    'li',
    'dl',
    'dt',
    'dd',
    'div',
    'span',
    'p',
    'text',
    'path',
  ])
    expect([tag, count(page, new RegExp(`<${tag}[\\s>](?![^<]*/>)`, 'g'))]).toEqual([
      tag,
      count(page, new RegExp(`</${tag}\\s*>`, 'g')),
    ]);
});

test('the roofline has a point for each timed kernel that computes, at its intensity and speed', () => {
  const points = [...page.matchAll(/class="point"[^>]*d="M([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  expect(points).toHaveLength(2);
  expect(page).toContain('rms-norm, decode of model, f32: 1 ms, 50 % of copy, 10 % of multiply-add');
  // Twice the intensity and twice the speed: one decade is as long for both kernels.
  const roof = /class="roof" points="([^"]*)"/
    .exec(page)![1]!
    .split(' ')
    .map((corner) => corner.split(',').map(Number));
  expect(roof).toHaveLength(3);
  expect(roof[1]![1]).toBe(roof[2]![1]);
  expect(roof[0]![1]!).toBeGreaterThan(roof[1]![1]!);
  for (const [x, y] of points) {
    expect(x).toBeGreaterThan(60);
    expect(x).toBeLessThan(640);
    expect(y).toBeGreaterThan(roof[1]![1]!);
  }
});

test('bars are as long as their ratio, and coloured by it', () => {
  const bars = [...page.matchAll(/<rect class="(\w+)" width="(\d+)"/g)].map(([, tone, length]) => [
    tone,
    Number(length),
  ]);
  expect(bars).toEqual([
    ['good', 1000],
    ['bad', 250],
  ]);
  expect(page).toContain('1× in the geometric mean');
});

test('every row is in a table, right or wrong', () => {
  for (const text of [
    'rms-norm',
    'gemv',
    'cache-write',
    'planted',
    'M 1',
    'M 16',
    'M 128',
    'baseline tile=4',
    'peer-wrong',
    'slower',
  ])
    expect(page).toContain(text);
  expect(page).toContain('3 of 4');
  expect(page).toContain('1 of 2');
});

test('rows of several adapters are reported apart, and no rows are a page too', () => {
  const other = kernelRow('rms-norm', { environment: { ...environment, adapter: 'Other' } });
  const both = writeReport([kernelRow('rms-norm'), other]);
  expect(count(both, /<dt>adapter<\/dt>/g)).toBe(2);
  expect(count(both, /class="plot"/g)).toBe(2);
  expect(writeReport([])).toContain('There are no rows.');
});

test('figures have about three digits', () => {
  expect([0, 0.0001234, 0.012345, 1.2, 12.345, 999.4, 12345.6, 1e8].map(figure)).toEqual([
    '0',
    '1.2e-4',
    '0.0123',
    '1.2',
    '12.3',
    '999',
    '12,346',
    '1.0e+8',
  ]);
  expect([0.0123, 12, 1234].map(duration)).toEqual(['12.3 µs', '12 ms', '1.23 s']);
  expect(planText({ variant: 'tile', rows: 4 })).toBe('tile rows=4');
  expect(html`<i>${'<&>'}${[html`<b>${1}</b>`]}</i>`.markup).toBe('<i>&lt;&amp;&gt;<b>1</b></i>');
});
