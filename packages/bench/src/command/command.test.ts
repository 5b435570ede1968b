import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scalingRowSchema } from '../scaling/row.ts';
import { kernelRowSchema } from '../suite/row.ts';
import { benchCommand } from './bench-command.ts';
import { onClosedPipe } from '../process/index.ts';
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
  [['--compare', 'onnx'], "[bench] --compare is 'onnx'; known are onnxruntime. Fix: write 'onnxruntime'."],
  [['--compare', 'torch'], "[bench] --compare is 'torch'; known are onnxruntime. Fix: give one of these."],
  [
    ['--samples', '0'],
    "[bench] --samples is '0'; it is a number of samples, 1 or more. Fix: give such a number.",
  ],
  [
    ['--adapter', 'gpu'],
    "[bench] --adapter is 'gpu'; known are auto, lavapipe, swiftshader. Fix: give one of these.",
  ],
  [
    ['--scaling', '--lengths', '512,256'],
    "[bench] --lengths is '512,256'; it says for --scaling which lengths of the sequence, ascending. Fix: give for example --scaling --lengths 256,512,1024.",
  ],
  [
    ['--lengths', '256'],
    "[bench] --lengths is '256' without --scaling; it says for --scaling which lengths of the sequence, ascending. Fix: give for example --scaling --lengths 256,512,1024.",
  ],
  [
    ['--scaling', '--size', 'small'],
    '[bench] --size is given with --scaling alone; the workloads would read it. Fix: leave --size out, or add --suite.',
  ],
  [
    ['--compare', 'onnxruntime', '--scaling', '--cache', 'cold'],
    '[bench] --cache is given with --compare and --scaling alone; the workloads would read it. Fix: leave --cache out, or add --suite.',
  ],
  [
    ['--host', '--adapter', 'lavapipe'],
    '[bench] --adapter is given with --host alone; the workloads and --compare and --scaling and --formats would read it. Fix: leave --adapter out, ' +
      'or add --suite.',
  ],
  [['--fast'], "[bench] Unknown option '--fast'. Fix: see --help."],
])('%j is a wrong command line', async (words, message) => {
  expect(await run(...words)).toEqual({ code: 2, out: '', error: `${message}\n` });
});

test('each option is read or refused, whatever is measured', () => {
  const values: Readonly<Record<string, string | undefined>> = {
    filter: 'x',
    size: 'small',
    dtype: 'f32',
    plans: 'all',
    cache: 'cold',
    samples: '3',
    lengths: '16',
    adapter: 'auto',
    system: undefined,
    json: 'rows',
    html: 'page',
  };
  const modes = {
    suite: [],
    compare: ['--compare', 'onnxruntime'],
    scaling: ['--scaling'],
    formats: ['--formats'],
    host: ['--host'],
  };
  // Those of the usage that say a value, and not what is measured.
  const declared = [...usage.matchAll(/^ {2}--(\w+)/gm)].map(([, name]) => name!);
  const others = ['compare', 'scaling', 'formats', 'host', 'suite', 'help'];
  expect(declared.filter((name) => !others.includes(name)).sort()).toEqual(Object.keys(values).sort());
  const refused = Object.entries(modes).flatMap(([mode, words]) =>
    Object.entries(values).flatMap(([name, value]) => {
      try {
        parseBenchOptions([...words, `--${name}`, ...(value === undefined ? [] : [value])]);
        return [];
      } catch {
        return [`${mode} ${name}`];
      }
    }),
  );
  expect(refused.sort()).toEqual(
    [
      ...['suite', 'compare', 'formats', 'host'].map((mode) => `${mode} lengths`),
      'compare plans',
      'formats plans',
      'host plans',
      ...['size', 'dtype', 'cache'].flatMap((name) =>
        ['compare', 'scaling', 'formats', 'host'].map((mode) => `${mode} ${name}`),
      ),
      ...['adapter', 'system', 'filter'].map((name) => `host ${name}`),
    ].sort(),
  );
});

test('the workloads are timed unless something is compared', () => {
  expect(parseBenchOptions([])).toMatchObject({
    compare: false,
    suite: true,
    plans: undefined,
    cache: 'warm',
  });
  expect(parseBenchOptions(['--compare', 'onnxruntime'])).toMatchObject({ compare: true, suite: false });
  expect(parseBenchOptions(['--compare', 'onnxruntime', '--suite'])).toMatchObject({
    compare: true,
    suite: true,
  });
});

test('curves over the length are written and drawn', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-bench-'));
  const [json, html] = [join(folder, 'rows.jsonl'), join(folder, 'report.html')];
  try {
    const asked = ['--scaling', '--lengths', '16,32', '--filter', 'window', '--samples', '3'];
    const { code, out } = await run(...asked, '--json', json, '--html', html);
    expect(code).toBe(0);
    const rows = readFileSync(json, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => v.parse(scalingRowSchema, JSON.parse(line)));
    expect(rows.map(({ curve, keys }) => [curve, keys])).toEqual([
      ['window of 128', 16],
      ['window of 128', 32],
    ]);
    expect(out).toMatch(/^window of 128, 16 keys +[\d.]+ .s/);
    expect(out.split('\n')[1]).toContain('of half the length');
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('Attention over the length of the sequence');
    expect(page.match(/class="curve"/g)).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
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

describe('output files', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tilewright-bench-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each(['--json', '--html'])('%s to a folder is refused before anything is measured', async (option) => {
    expect(await run(option, folder)).toEqual({
      code: 2,
      out: '',
      error: `[${option}] ${folder} cannot be written: a folder stands there (EISDIR). Fix: name a place that you may write to.\n`,
    });
  });

  test('a path through a file is refused', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    const { code, error } = await run('--json', join(file, 'folder', 'rows.jsonl'));
    expect([code, error]).toEqual([
      2,
      `[--json] ${join(file, 'folder', 'rows.jsonl')} cannot be written: a part of the path is a file, not a folder (ENOTDIR). Fix: name a place that you may write to.\n`,
    ]);
  });

  test('a run without a row leaves earlier results as they are', async () => {
    const [json, html] = [join(folder, 'rows.jsonl'), join(folder, 'report.html')];
    for (const file of [json, html]) writeFileSync(file, 'earlier');
    expect((await run('--filter', 'no such kernel', '--json', json, '--html', html)).code).toBe(1);
    for (const file of [json, html]) expect(readFileSync(file, 'utf8')).toBe('earlier');
  });

  test('an interrupted run writes the rows it has and returns 130', async () => {
    const [json, html] = [join(folder, 'rows.jsonl'), join(folder, 'report.html')];
    const stop = new AbortController();
    let [out, error] = ['', ''];
    const output = {
      out: (text: string) => {
        out += text;
        stop.abort();
      },
      error: (text: string) => void (error += text),
      colour: false,
    };
    const filter = ['--filter', 'rms-norm', '--samples', '3', '--json', json, '--html', html];
    expect(await benchCommand(filter, output, stop.signal)).toBe(130);
    expect(out.trimEnd().split('\n').length).toBe(1);
    expect(error.endsWith('\ninterrupted\n')).toBe(true);
    expect(v.parse(kernelRowSchema, JSON.parse(readFileSync(json, 'utf8'))).kernel).toContain('rms-norm');
    expect(readFileSync(html, 'utf8')).toContain('Kernels against the ceilings of this adapter');
  });
});

test('a closed pipe ends the command, another error of the stream stays one', () => {
  const stream = new EventEmitter();
  let ended = 0;
  onClosedPipe(stream, () => void ended++);
  stream.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(ended).toBe(1);
  expect(() => stream.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }))).toThrow('full');
});
