import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { kernelRowSchema } from '../suite/row.ts';
import { benchCommand } from './bench-command.ts';
import { parseBenchOptions, usage } from './options.ts';

async function run(...words: string[]): Promise<{ code: number; out: string; error: string }> {
  let out = '';
  let error = '';
  const output = {
    out: (text: string) => void (out += text),
    error: (text: string) => void (error += text),
    colour: false,
  };
  const code = await benchCommand(words, output);
  return { code, out, error };
}

test('help goes to standard output', async () => {
  expect(await run('--help')).toEqual({ code: 0, out: usage, error: '' });
});

test.each([
  [['--plans', 'some'], "[bench] --plans is 'some'; known are first, all. Fix: give one of these."],
  [['--compare', 'torch'], "[bench] --compare is 'torch'; known are onnxruntime. Fix: give one of these."],
  [
    ['--samples', '0'],
    "[bench] --samples is '0'; it is a number of samples, 1 or more. Fix: give such a number.",
  ],
  [
    ['--adapter', 'gpu'],
    "[bench] --adapter is 'gpu'; known are auto, lavapipe, swiftshader. Fix: give one of these.",
  ],
  [['--fast'], "[bench] Unknown option '--fast'. Fix: see --help."],
])('%j is a wrong command line', async (words, message) => {
  expect(await run(...words)).toEqual({ code: 2, out: '', error: `${message}\n` });
});

test('the workloads are timed unless something is compared', () => {
  expect(parseBenchOptions([])).toMatchObject({ compare: false, suite: true, plans: 'first', cache: 'warm' });
  expect(parseBenchOptions(['--compare', 'onnxruntime'])).toMatchObject({ compare: true, suite: false });
  expect(parseBenchOptions(['--compare', 'onnxruntime', '--suite'])).toMatchObject({
    compare: true,
    suite: true,
  });
});

test('a run writes JSON lines and a report, and tells what it does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-bench-'));
  const [json, html] = [join(folder, 'rows.jsonl'), join(folder, 'report.html')];
  try {
    const filter = ['--filter', 'rms-norm/decode/shakespeare', '--dtype', 'f32', '--samples', '3'];
    const { code, out, error } = await run(...filter, '--json', json, '--html', html);
    expect(code).toBe(0);
    const rows = readFileSync(json, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => v.parse(kernelRowSchema, JSON.parse(line)));
    expect(rows.map(({ kernel, status }) => [kernel, status])).toEqual([['rms-norm', 'passed']]);
    expect(readFileSync(html, 'utf8')).toContain('Kernels against the ceilings of this adapter');
    expect(out).toMatch(/^rms-norm, decode of shakespeare-1m, f32 +[\d.]+ µs +[\d.]+ GB\/s/);
    expect(error).toMatch(/^adapter: /);
    expect(error).toContain('1/1 rms-norm/decode/shakespeare-1m f32');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a filter that nothing matches is an error', async () => {
  const { code, out, error } = await run('--filter', 'no such kernel');
  expect([code, out]).toEqual([1, '']);
  expect(error).toContain("nothing matches --filter 'no such kernel'");
});
