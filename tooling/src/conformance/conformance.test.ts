// The conformance runner on vectors made here, good and bad, and on the published ones where they are at hand.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testProfile } from '../test-device.ts';
import { checkedCase } from './case-file.ts';
import { conformanceCommand, usage } from './command.ts';
import { compare } from './compare.ts';
import type { CaseResult } from './run-case.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function run(...words: string[]): Promise<Ran> {
  let [out, error] = ['', ''];
  const terminal = {
    out: (text: string) => void (out += text),
    error: (text: string) => void (error += text),
    colour: false,
    interactive: false,
  };
  return { code: await conformanceCommand(words, terminal), out, error };
}

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

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

const tensor = { name: 'x', dtype: 'f32', shape: [2], offset: 0, bytes: 8 };
const good = { name: 'good', op: 'Gelu', attrs: {}, inputs: [tensor], outputs: [tensor], bin: 'good.bin' };

test.each([
  [7, '[case 3] it is a number; a case is an object.'],
  [{ ...good, op: undefined }, '[good] its op is missing; it must be a text.'],
  [{ ...good, attrs: [] }, '[good] its attrs are a list; they must be an object.'],
  [{ ...good, bin: '../x.bin' }, "[good] its bin is '../x.bin'; it must be a file of the same folder."],
  [{ ...good, inputs: {} }, '[good] its inputs are an object; they must be a list of tensors.'],
  [{ ...good, inputs: ['x'] }, '[good] inputs[0] is a string; a tensor is an object, or null.'],
  [
    { ...good, outputs: [{ ...tensor, dtype: 'f8' }] },
    '[good] outputs[0].dtype is "f8"; it must be one of f32, f16, f64, i64, i32, i8, u8, bool.',
  ],
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

describe('comparing', () => {
  test('has the bounds of the published vectors', () => {
    expect(compare('Gelu', 'f32', [1.0001, 2], [1, 2]).problem).toBeUndefined();
    expect(compare('Gelu', 'f32', [1, 2.0003], [1, 2])).toEqual({
      worst: expect.closeTo(3e-4, 8) as number,
      problem: 'element 1 is 2.0003 instead of 2',
    });
    expect(compare('Gelu', 'f16', [1.0039], [1]).problem).toBeUndefined();
    expect(compare('MatMulInteger', 'i32', [3], [4]).problem).toBe('element 0 is 3 instead of 4');
    expect(compare('DFT', 'f32', [1000.009, 0.009], [1000, 0]).problem).toBeUndefined();
    expect(compare('DFT', 'f32', [1000, 0.011], [1000, 0]).problem).toBe('element 1 is 0.011 instead of 0');
  });

  test('takes no number for what is none, and only the lowest for minus infinity', () => {
    expect(compare('Softmax', 'f32', [NaN], [1]).problem).toBe('element 0 is NaN instead of 1');
    expect(compare('Softmax', 'f32', [NaN], [NaN]).problem).toBeUndefined();
    expect(compare('Attention', 'f32', [-3.4e38, -Infinity], [-Infinity, -Infinity]).problem).toBeUndefined();
    expect(compare('Attention', 'f32', [-1000], [-Infinity]).problem).toBe(
      'element 0 is -1000 instead of -Infinity',
    );
    expect(compare('Attention', 'f32', [1e38], [Infinity]).problem).toBe(
      'element 0 is 1e+38 instead of Infinity',
    );
    expect(compare('Attention', 'f32', [1], [1, 2]).problem).toBe('1 elements came out, 2 are wanted');
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
    ['odd', 'Softmax', 'failed', "[node] it has an attribute 'axes'; it takes axis."],
    ['many', 'Softmax', 'failed', '[many] it has 2 inputs; Softmax takes input.'],
    ['outputs', 'Softmax', 'failed', "[outputs] its output 1 is 't1', f32 [1]; Softmax gives output."],
    ['good', 'Gelu', 'failed', "[good] its bin 'nowhere.bin' cannot be read (ENOENT)."],
    ['short', 'Gelu', 'failed', "[short] 'x' lies at bytes 4 to 12 of 'short.bin'; the file has 8."],
    ['case 9', '', 'failed', '[case 9] it is null; a case is an object.'],
  ]);
  expect(results[0]!.worstError).toBeLessThan(1e-5);
  expect(results[1]!.worstError).toBeGreaterThan(4);
  expect(results[2]!.worstError).toBeNull();
  expect(code).toBe(1);
  expect(out.split('\n').at(-2)).toBe('1 passed, 8 failed, 1 skipped');
  expect(out).toContain('Frobnicate  0 passed, 0 failed, 1 skipped  no operator Frobnicate\n');
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
