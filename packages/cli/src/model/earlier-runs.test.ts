import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@tilewright/tooling/message-of';
import { afterAll, expect, test } from 'vitest';
import { pointOf, readRun } from './earlier-runs.ts';
import { paretoFront } from './quality-plot.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-runs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const written = (text: string): string => {
  const path = join(folder, 'run.json');
  writeFileSync(path, text);
  return path;
};

test('a report is a point', () => {
  const kl = { mean: 0.01, standardError: 0.002 };
  const report = {
    recipe: 'quant int4-g32 gptq',
    bitsPerWeight: 4.5,
    quality: { windows: 16, kl, lossGap: kl },
    layers: [],
  };
  expect(pointOf(readRun(written(JSON.stringify(report))))).toEqual({
    name: 'quant int4-g32 gptq',
    bitsPerWeight: 4.5,
    value: 0.01,
    standardError: 0.002,
  });
});

test.each([
  ['{', 'is not JSON'],
  ['null', 'says no recipe and bits a weight'],
  ['{"recipe":"a","bitsPerWeight":0}', 'says no recipe and bits a weight'],
  ['{"recipe":"a","bitsPerWeight":4,"quality":null}', 'says nothing of quality'],
])('%s is no report', (text, problem) => {
  const path = written(text);
  expect(messageOf(() => readRun(path))).toBe(
    `[--runs] ${path} ${problem}; it is a report of compress with --text, --html and --json. Fix: write it again, or leave it out.`,
  );
});

test('a file that is not there', () => {
  expect(messageOf(() => readRun(join(folder, 'nowhere.json')))).toContain('nowhere.json cannot be read');
});

test('the front is what none other betters', () => {
  const points = [
    [4, 3],
    [2, 9],
    [3, 9],
    [3, 5],
    [8, 1],
    [4, 2],
    [6, 2],
  ].map(([bitsPerWeight, value]) => ({ name: '', bitsPerWeight: bitsPerWeight!, value: value! }));
  expect(paretoFront(points).map(({ bitsPerWeight, value }) => [bitsPerWeight, value])).toEqual([
    [2, 9],
    [3, 5],
    [4, 2],
    [8, 1],
  ]);
});
