// The conformance runner on vectors made here, good and bad, and on the published ones where they are at hand.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../message-of.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testProfile } from '../test-device.ts';
import { checkedCase, firstPositions } from './case-file.ts';
import { conformanceCommand, usage } from './command.ts';
import { compare } from './compare.ts';
import { progressOf } from './progress.ts';
import type { CaseResult } from './run-case.ts';
import { operatorLines, printable } from './summary.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

const run = (...words: string[]): Promise<Ran> => runUntil(undefined, ...words);

/** Runs the command and interrupts it as soon as it prints a result. */
async function runUntil(interruption: AbortController | undefined, ...words: string[]): Promise<Ran> {
  let [out, error] = ['', ''];
  const terminal = {
    out: (text: string) => {
      out += text;
      interruption?.abort();
    },
    error: (text: string) => void (error += text),
    colour: false,
    interactive: false,
  };
  return { code: await conformanceCommand(words, terminal, interruption?.signal), out, error };
}

const silent = { out: () => {}, error: () => {}, colour: false, interactive: false };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tilewright-conformance-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the command line', () => {
  test('--help', async () => {
    expect(await run('--help')).toEqual({ code: 0, out: usage, error: '' });
  });

  test.each([
    [[], '0 folders are named'],
    [['a', 'b'], '2 folders are named'],
    [['a', '--json'], "Option '--json <value>' argument missing"],
    [['a', '--json', ''], 'the value of --json is empty'],
    [['a', '--adapter', ''], 'the value of --adapter is empty'],
    [[''], 'the value of FOLDER is empty'],
  ])('%j is refused', async (words, problem) => {
    expect(await run(...words)).toEqual({
      code: 2,
      out: '',
      error: `[conformance] ${problem}; it takes FOLDER, --adapter NAME and --json FILE. Fix: --help says more.\n`,
    });
  });

  test.each([
    ['missing', undefined, 'it cannot be read (ENOENT)'],
    ['text', 'not json', 'it is not JSON'],
    ['object', '{}', 'it holds an object'],
  ])('an index that is %s is refused', async (_, text, problem) => {
    const path = join(folder, 'index.json');
    if (text === undefined) rmSync(path, { force: true });
    else writeFileSync(path, text);
    expect(await run(folder)).toEqual({
      code: 2,
      out: '',
      error:
        `[${path}] ${problem}; it must be a JSON array of cases. ` +
        'Fix: name a folder of conformance vectors.\n',
    });
  });
});

test('a folder around the cases stands for them, unless there are several', async () => {
  const around = join(folder, 'around');
  for (const name of ['onnx', 'other']) {
    mkdirSync(join(around, name), { recursive: true });
    writeFileSync(join(around, name, 'index.json'), '[]');
  }
  expect(await run(around)).toEqual({
    code: 2,
    out: '',
    error:
      `[${around}] it has no index.json, and several folders that have one; one folder is run. ` +
      'Fix: name one of onnx, other.\n',
  });
  rmSync(join(around, 'other'), { recursive: true });
  expect(await run(around)).toMatchObject({ code: 0, out: '0 passed, 0 failed, 0 skipped\n' });
  const file = join(around, 'onnx', 'index.json');
  expect((await run(file)).error).toContain('it cannot be read (ENOTDIR)');
});

test('a results file that cannot be written is found before the run', async () => {
  writeFileSync(join(folder, 'index.json'), '[]');
  const json = join(folder, 'x'.repeat(255));
  expect(await run(folder, '--json', json)).toEqual({
    code: 2,
    out: '',
    error: `[--json] ${json} cannot be written: the name is too long (ENAMETOOLONG). Fix: name a place that you may write to.\n`,
  });
});

describe('progress', () => {
  test('is a line every ten seconds where there is no screen', () => {
    let [error, now] = ['', 5000];
    const terminal = { ...silent, error: (text: string) => void (error += text) };
    const { at, clear } = progressOf(terminal, 707, () => now);
    for (let done = 0; done < 250; done++) {
      at(done);
      now += 100;
    }
    clear();
    expect(error).toBe('100/707 cases\n200/707 cases\n');
  });

  test('is one line that is overwritten on a screen', () => {
    let error = '';
    const terminal = { ...silent, interactive: true, error: (text: string) => void (error += text) };
    const { at, clear } = progressOf(terminal, 2);
    at(0);
    at(1);
    clear();
    expect(error).toBe('\r\u001B[Kcase 1 of 2\r\u001B[Kcase 2 of 2\r\u001B[K');
  });
});

test('nothing of a file is obeyed by a terminal', () => {
  expect(printable('Größe 🙂\n\u001B[2J\u009B\u007F\u202E\u2028\uD800')).toBe(
    'Größe 🙂\\u{a}\\u{1b}[2J\\u{9b}\\u{7f}\\u{202e}\\u{2028}\\u{d800}',
  );
  const result = {
    name: 'x',
    op: 'A\r',
    status: 'skipped',
    worstError: null,
    reason: 'no operator A\r',
  } as const;
  expect(operatorLines([result], silent)).toEqual([
    'A\\u{d}  0 passed, 0 failed, 1 skipped  no operator A\\u{d}',
  ]);
});

const tensor = { name: 'x', dtype: 'f32', shape: [2], offset: 0, bytes: 8 };
const good = { name: 'good', op: 'Gelu', attrs: {}, inputs: [tensor], outputs: [tensor], bin: 'good.bin' };

test.each([
  [7, '[case 3] it is a number; a case is an object.'],
  [{ ...good, op: undefined }, '[good] its op is missing; it must be a text.'],
  [{ ...good, domain: 3 }, '[good] its domain is a number; it must be a text.'],
  [{ ...good, attrs: [] }, '[good] its attrs are a list; they must be an object.'],
  [{ ...good, bin: '../x.bin' }, "[good] its bin is '../x.bin'; it must be a file of the same folder."],
  [{ ...good, inputs: {} }, '[good] its inputs are an object; they must be a list of tensors.'],
  [{ ...good, inputs: ['x'] }, '[good] inputs[0] is a string; a tensor is an object, or null.'],
  [
    { ...good, outputs: [{ ...tensor, dtype: 8 }] },
    '[good] outputs[0].dtype is 8; it must be the name of a type.',
  ],
  [{ ...good, outputs: [] }, '[good] it has no outputs; there must be something to compare.'],
  [{ ...good, outputs: [null, null] }, '[good] it has no outputs; there must be something to compare.'],
  [
    { ...good, inputs: [{ ...tensor, shape: [2, -1] }] },
    '[good] inputs[0].shape is [2,-1]; it must be a list of sizes.',
  ],
  [
    { ...good, inputs: [null, { ...tensor, offset: 0.5 }] },
    '[good] inputs[1].offset is 0.5; it must be a number of bytes.',
  ],
  [{ ...good, inputs: [{ ...tensor, bytes: 9 }] }, '[good] inputs[0].bytes is 9; f32 [2] takes 8.'],
])('the entry %j is refused', (entry, message) => {
  expect(messageOf(() => checkedCase(entry, 3))).toBe(message);
});

test('a name that stands for two cases is refused', () => {
  const first = firstPositions([good, 7, { ...good, op: 'Relu' }]);
  expect(first.get('good')).toBe(0);
  expect(messageOf(() => checkedCase(good, 0, first.get('good')))).toBe('nothing was thrown');
  expect(messageOf(() => checkedCase(good, 2, first.get('good')))).toBe(
    '[good] the cases 0 and 2 have this name; a name stands for one case of an index.',
  );
});

describe('comparing', () => {
  const onnx = (op: string) => ({ domain: '', op, attrs: {} });

  test('holds operators of our own to a fraction of the largest', () => {
    const ours = (op: string, attrs = {}) => ({ domain: 'tilewright', op, attrs });
    expect(compare(ours('GatedScan'), 'f32', [100.0019, 0.0019], [100, 0]).problem).toBeUndefined();
    expect(compare(ours('GatedScan'), 'f32', [100, 0.0021], [100, 0]).problem).toBe(
      'element 1 is 0.0021 instead of 0',
    );
    expect(compare(ours('MatrixLstm'), 'f32', [100, 0.009], [100, 0]).problem).toBeUndefined();
    const positive = ours('KernelAttention', { feature_map: 'positive' });
    expect(compare(positive, 'f32', [100, 0.019], [100, 0]).problem).toBeUndefined();
    expect(compare(ours('AutoCorrelation'), 'i64', [100, 1], [100, 0]).problem).toBe(
      'element 1 is 1 instead of 0',
    );
  });

  test('has the bounds of the published vectors', () => {
    expect(compare(onnx('Gelu'), 'f32', [1.0001, 2], [1, 2]).problem).toBeUndefined();
    expect(compare(onnx('Gelu'), 'f32', [1, 2.0003], [1, 2])).toEqual({
      worst: expect.closeTo(3e-4, 8) as number,
      problem: 'element 1 is 2.0003 instead of 2',
    });
    expect(compare(onnx('Gelu'), 'f16', [1.0039], [1]).problem).toBeUndefined();
    expect(compare(onnx('MatMulInteger'), 'i32', [3], [4]).problem).toBe('element 0 is 3 instead of 4');
    expect(compare(onnx('DFT'), 'f32', [1000.009, 0.009], [1000, 0]).problem).toBeUndefined();
    expect(compare(onnx('DFT'), 'f32', [1000, 0.011], [1000, 0]).problem).toBe(
      'element 1 is 0.011 instead of 0',
    );
  });

  test('takes no number for what is none, and only the lowest for minus infinity', () => {
    expect(compare(onnx('Softmax'), 'f32', [NaN], [1]).problem).toBe('element 0 is NaN instead of 1');
    expect(compare(onnx('Softmax'), 'f32', [NaN], [NaN]).problem).toBeUndefined();
    expect(
      compare(onnx('Attention'), 'f32', [-3.4e38, -Infinity], [-Infinity, -Infinity]).problem,
    ).toBeUndefined();
    expect(compare(onnx('Attention'), 'f32', [-1000], [-Infinity]).problem).toBe(
      'element 0 is -1000 instead of -Infinity',
    );
    expect(compare(onnx('Attention'), 'f32', [1e38], [Infinity]).problem).toBe(
      'element 0 is 1e+38 instead of Infinity',
    );
    expect(compare(onnx('Attention'), 'f32', [1], [1, 2]).problem).toBe('1 elements came out, 2 are wanted');
  });
});

/** A case whose tensors are f32 vectors, with its file. */
function writeCase(
  name: string,
  op: string,
  inputs: readonly (readonly number[] | null)[],
  outputs: readonly (readonly number[])[],
  attrs: Readonly<Record<string, unknown>> = {},
): unknown {
  const numbers: number[] = [];
  const place = (data: readonly number[] | null, i: number) => {
    if (data === null) return null;
    const offset = 4 * numbers.length;
    numbers.push(...data);
    return { name: `t${i}`, dtype: 'f32', shape: [data.length], offset, bytes: 4 * data.length };
  };
  const entry = {
    name,
    op,
    attrs,
    inputs: inputs.map(place),
    outputs: outputs.map(place),
    bin: `${name}.bin`,
  };
  writeFileSync(join(folder, entry.bin), Float32Array.from(numbers));
  return entry;
}

test('a folder with all that can happen', async () => {
  const silu = (x: number): number => x / (1 + Math.exp(-x));
  const softmax = writeCase('shape', 'Softmax', [[0, 0]], [[0.5, 0.5]]) as typeof good;
  const entries = [
    writeCase(
      'right',
      'SwiGLU',
      [
        [1, -2],
        [3, 4],
      ],
      [[3 * silu(1), 4 * silu(-2)]],
    ),
    writeCase(
      'wrong',
      'SwiGLU',
      [
        [1, -2],
        [3, 4],
      ],
      [[3 * silu(1), 4]],
    ),
    writeCase('strange', 'Frobnicate', [[1]], [[1]]),
    writeCase(
      'unlike',
      'SwiGLU',
      [
        [1, 2, 3],
        [1, 2],
      ],
      [[1, 2, 3]],
    ),
    writeCase('odd', 'Softmax', [[1, 2]], [[0, 1]], { axes: 1 }),
    writeCase('many', 'Softmax', [[1], [2]], [[1]]),
    writeCase('outputs', 'Softmax', [[1]], [[1], [1]]),
    { ...good, bin: 'nowhere.bin' },
    { ...(writeCase('short', 'Gelu', [[1]], [[1]]) as typeof good), inputs: [{ ...tensor, offset: 4 }] },
    null,
    { ...softmax, outputs: [{ ...softmax.outputs[0]!, shape: [2, 1] }] },
    { ...good, name: 'type', inputs: [{ ...tensor, dtype: 'u16', bytes: 4 }] },
    { ...good, op: 'Relu' },
    { ...good, name: 'none', outputs: [] },
    { ...good, name: 'empty', inputs: [{ ...tensor, shape: [0, 2], bytes: 0 }], bin: 'right.bin' },
    { ...good, name: 'ours', domain: 'tilewright' },
    writeCase('absent', 'Softmax', [[0, 0]], [[0.5, 0.5]], { axis: null }),
    {
      ...good,
      name: 'bytes',
      op: 'Add',
      inputs: [0, 2].map((offset) => ({ ...tensor, dtype: 'u8', offset, bytes: 2 })),
      bin: 'right.bin',
    },
    writeCase(
      'scalar',
      'MatMul',
      [
        [1, 2],
        [3, 4],
      ],
      [[11]],
    ),
  ];
  writeFileSync(join(folder, 'index.json'), JSON.stringify(entries));
  const json = join(folder, 'results.json');
  const { code, out } = await run(folder, '--json', json);
  const results = JSON.parse(readFileSync(json, 'utf8')) as CaseResult[];
  expect(results.map(({ name, op, status, reason }) => [name, op, status, reason])).toEqual([
    ['right', 'SwiGLU', 'passed', ''],
    ['wrong', 'SwiGLU', 'failed', expect.stringMatching(/^'t0': element 1 is -0\.95.* instead of 4$/)],
    ['strange', 'Frobnicate', 'skipped', 'no operator Frobnicate'],
    ['unlike', 'SwiGLU', 'failed', "[node] 'B' has shape [2]; it must be [3], as of 'A'."],
    [
      'odd',
      'Softmax',
      'failed',
      "[node] it has an attribute 'axes'; it takes axis. Fix: write 'axis', or leave it out.",
    ],
    ['many', 'Softmax', 'failed', '[many] it has 2 inputs; Softmax takes input.'],
    ['outputs', 'Softmax', 'failed', "[outputs] its output 1 is 't1', f32 [1]; Softmax gives output."],
    ['good', 'Gelu', 'failed', "[good] its bin 'nowhere.bin' cannot be read (ENOENT)."],
    ['short', 'Gelu', 'failed', "[short] 'x' lies at bytes 4 to 12 of 'short.bin'; the file has 8."],
    ['case 9', '', 'failed', '[case 9] it is null; a case is an object.'],
    ['shape', 'Softmax', 'failed', "'t0' has shape [2] instead of [2, 1]"],
    ['type', 'Gelu', 'skipped', 'no element type u16'],
    [
      'good',
      'Relu',
      'failed',
      '[good] the cases 7 and 12 have this name; a name stands for one case of an index.',
    ],
    ['none', 'Gelu', 'failed', '[none] it has no outputs; there must be something to compare.'],
    ['empty', 'Gelu', 'skipped', 'no kernel reads empty tensors'],
    ['ours', 'Gelu', 'skipped', 'no operator Gelu'],
    ['absent', 'Softmax', 'passed', ''],
    ['bytes', 'Add', 'skipped', "[node] 'A' is u8; it must be f32 or f16."],
    ['scalar', 'MatMul', 'passed', ''],
  ]);
  expect(results[0]!.worstError).toBeLessThan(1e-5);
  expect(results[1]!.worstError).toBeGreaterThan(4);
  expect(results[2]!.worstError).toBeNull();
  expect(code).toBe(1);
  expect(out.split('\n').at(-2)).toBe('3 passed, 11 failed, 5 skipped');
  expect(out).toContain('Frobnicate  0 passed, 0 failed, 1 skipped  no operator Frobnicate\n');
});

test('an interrupted run reports and writes what is done, the rest as skipped', async () => {
  const entries = [
    writeCase('first', 'Softmax', [[1, 1]], [[0.5, 0.5]]),
    { ...(writeCase('second\u001B', 'Gelu', [[1]], [[7]]) as typeof good) },
    writeCase('third', 'Softmax', [[1]], [[1]]),
    7,
  ];
  writeFileSync(join(folder, 'index.json'), JSON.stringify(entries));
  const json = join(folder, 'interrupted.json');
  const { code, out, error } = await runUntil(new AbortController(), folder, '--json', json);
  const results = JSON.parse(readFileSync(json, 'utf8')) as CaseResult[];
  expect(results.map(({ name, op, status, reason }) => [name, op, status, reason])).toEqual([
    ['first', 'Softmax', 'passed', ''],
    ['second\u001B', 'Gelu', 'failed', expect.stringMatching(/^'t0': element 0 is 0\.84.* instead of 7$/)],
    ['third', 'Softmax', 'skipped', 'interrupted'],
    ['case 3', '', 'skipped', 'interrupted'],
  ]);
  expect(out).toMatch(/^failed {2}second\\u\{1b\}: 't0': element 0 is 0\.84\d* instead of 7\n/);
  expect(out).toMatch(/\nSoftmax {2}1 passed, 0 failed, 1 skipped {2}worst error \S+; interrupted\n/);
  expect(out.split('\n').at(-2)).toBe('1 passed, 1 failed, 2 skipped');
  expect(error.split('\n').at(-2)).toBe('interrupted after 2 of 4 cases');
  expect(code).toBe(130);
});

/** Attention on two tokens with a cache of none. */
function writeFirstStep(name: string, past: readonly number[]): unknown {
  const shape = [1, 1, 2, 2];
  // Keys of zero weigh all values alike.
  const tensors = { Q: [1, 2, 3, 4], K: [0, 0, 0, 0], V: [1, 2, 3, 4], Y: [2, 3, 2, 3] };
  const { Q, K, V, Y } = tensors;
  writeFileSync(join(folder, `${name}.bin`), Float32Array.from([...Q, ...K, ...V, ...Y]));
  const at = (role: string, offset: number) => ({ name: role, dtype: 'f32', shape, offset, bytes: 16 });
  const none = (role: string) => ({ name: role, dtype: 'f32', shape: past, offset: 0, bytes: 0 });
  return {
    name,
    op: 'Attention',
    inputs: [at('Q', 0), at('K', 16), at('V', 32), null, none('past_key'), none('past_value')],
    outputs: [at('Y', 48), at('present_key', 16), at('present_value', 32)],
    bin: `${name}.bin`,
  };
}

test('a cache without tokens is none, but must fit', async () => {
  const entries = [writeFirstStep('fits', [1, 1, 0, 2]), writeFirstStep('wide', [1, 1, 0, 3])];
  writeFileSync(join(folder, 'index.json'), JSON.stringify(entries));
  const json = join(folder, 'past.json');
  await run(folder, '--json', json);
  const results = JSON.parse(readFileSync(json, 'utf8')) as CaseResult[];
  expect(results.map(({ name, status, reason }) => [name, status, reason])).toEqual([
    ['fits', 'passed', ''],
    ['wide', 'failed', "[wide] 'past_key' has shape [1, 1, 0, 3]; it must be [1, 1, 0, 2]."],
  ]);
});

const published = join(
  process.env['TILEWRIGHT_SHARED'] ?? join(import.meta.dirname, '../../../../shared'),
  'conformance/onnx',
);
const isThere = existsSync(published);
if (!isThere) console.log(`skipped: there are no published vectors in ${published}`);

// Skipped where the vectors are not at hand; the line above says so.
test.skipIf(!isThere)(
  `the published vectors on ${testProfile.name}`,
  async () => {
    const json = join(folder, 'published.json');
    const { code } = await run(published, '--json', json);
    const results = JSON.parse(readFileSync(json, 'utf8')) as CaseResult[];
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(code).toBe(0);
    const required =
      /^(Attention|RotaryEmbedding|TensorScatter|Softmax|RMSNormalization|LayerNormalization|Gelu|SwiGLU|MatMulInteger|DequantizeLinear)$/;
    const passed = results.filter(({ op }) => required.test(op));
    expect(passed.length).toBeGreaterThanOrEqual(81);
    expect(passed.filter(({ status }) => status !== 'passed')).toEqual([]);
  },
  590_000,
);
