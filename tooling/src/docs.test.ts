// What the documents say is run: examples, the coverage table, licences.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { openModelFolderAt } from '@tilewright/formats/node';
import { registry } from '@tilewright/kernels/registry';
import { loadLanguageModel, openModel, writeText } from '@tilewright/models/all';
import { build } from 'esbuild';
import ts from 'typescript';
import { describe, expect, test, vi } from 'vitest';
import { coverageTable } from './coverage.ts';
import { openTestDevice, testProfile } from './test-device.ts';
import { kernelFolders } from './files.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const foldersOf = (path: string): string[] =>
  readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? `${path}/${entry.name}` : [],
  );

/** The text of each fenced block of a language in a document. */
const blocksOf = (path: string, language: string): string[] =>
  [...read(path).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1]!);

const kernelReadmes = kernelFolders().map(({ path }) => `packages/kernels/src/${path}/README.md`);
const packageReadmes = foldersOf('packages')
  .map((folder) => `${folder}/README.md`)
  .filter((path) => existsSync(join(root, path)));

/** Bundles a module from its text, with the packages' sources, into `file`. */
const bundled = (code: string, file: string): Promise<unknown> =>
  build({
    stdin: { contents: code, resolveDir: join(root, 'tooling'), loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['webgpu'],
    conditions: ['tilewright-source'],
    loader: { '.wgsl': 'text' },
    outfile: file,
    logLevel: 'silent',
  });

/** Runs a module from its text, with the packages' sources, and gives what it logged. */
async function logged(code: string): Promise<unknown[][]> {
  const folder = mkdtempSync(join(root, 'node_modules/.docs-'));
  const file = join(folder, 'example.mjs');
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await bundled(code, file);
    await import(/* @vite-ignore */ pathToFileURL(file).href);
    return log.mock.calls;
  } finally {
    log.mockRestore();
    rmSync(folder, { recursive: true });
  }
}

describe('the first example', () => {
  const example = read('docs/examples/rms-norm.mjs');

  test('is the one of the README', () => {
    expect(blocksOf('README.md', 'js')).toContain(example);
    expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(17);
  });

  test('runs', async () => {
    const [, [y]] = (await logged(example)) as [unknown, [Float32Array]];
    const rms = Math.sqrt((1 + 4 + 9 + 16) / 4);
    expect(y).toHaveLength(8);
    [1, 2, 3, 8, 1, 2, 3, 8].forEach((each, i) => expect(y[i]).toBeCloseTo(each / rms, 5));
  });
});

describe('the program that writes text', () => {
  const example = read('docs/examples/write-text.mjs');

  test('is the one of both READMEs, and has six lines', () => {
    expect(blocksOf('README.md', 'js')).toContain(example);
    expect(blocksOf('packages/models/README.md', 'ts')).toContain(example);
    expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(6);
  });

  test.skipIf(testProfile.compileOnly)(
    'writes in Node and in Deno what the model writes, and ends',
    async () => {
      const folder = mkdtempSync(join(root, 'node_modules/.docs-'));
      try {
        const file = join(folder, 'example.mjs');
        await bundled(example, file);
        const run = async (...words: string[]): Promise<string> =>
          (await promisify(execFile)(process.execPath, words, { cwd: root, timeout: 110_000 })).stdout;
        const deno = join(dirname(createRequire(import.meta.url).resolve('deno/package.json')), 'bin.cjs');
        const flags = [
          '--unstable-webgpu',
          '--no-config',
          '--no-lock',
          '--no-prompt',
          '--allow-env',
          '--allow-read',
        ];
        const { device, dispose } = await openTestDevice();
        const opened = await openModel(await openModelFolderAt(join(root, 'models/shakespeare-1m')));
        const model = await loadLanguageModel(device, opened);
        let text = '';
        for await (const piece of writeText(model, 'ROMEO:\n', { maxTokens: 60 })) text += piece;
        model.dispose();
        dispose();
        expect(text.length).toBeGreaterThan(60);
        expect(await run(file)).toBe(text);
        expect(await run(deno, 'run', ...flags, file)).toBe(text);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    240_000,
  );
});

/** The numbers that the comment of an example says it prints: `1, -2`, `0.5 four times, then 3`, behind `:` or `=`. */
const numbersOf = (comment: string): readonly number[] =>
  [
    ...comment
      .split(/[:=]/)
      .at(-1)!
      .matchAll(/(-?\d+(?:\.\d+)?)( four times)?(?=$|,)/g),
  ].flatMap(([, number, repeated]) => Array<number>(repeated ? 4 : 1).fill(Number(number)));

describe('examples of kernels run, and give what their comments say', () => {
  const examples = kernelReadmes.flatMap((path) => blocksOf(path, 'ts').map((code) => [path, code] as const));
  test.each(examples)('%s', async (path, code) => {
    const comments = [...code.matchAll(/^console\.log\(.*\);(.*)$/gm)].map(([, comment]) => comment!);
    const printed = (await logged(code)) as [ArrayLike<number>][];
    expect(printed).toHaveLength(comments.length);
    for (const [i, [got]] of printed.entries()) {
      const wanted = numbersOf(comments[i]!);
      const rounded = Array.from(got, (value, at) =>
        Math.abs(value - wanted[at]!) < 6e-4 ? wanted[at] : value,
      );
      expect({ path, prints: rounded }).toEqual({ path, prints: wanted });
    }
  });

  test('comments are read in order, with signs and repetitions', () => {
    expect(numbersOf(' // sums so far: -1 four times, then 0.25, 3')).toEqual([-1, -1, -1, -1, 0.25, 3]);
    expect(numbersOf(' // silu(1) · 2 = 1.462')).toEqual([1.462]);
    expect(numbersOf('')).toEqual([]);
  });
});

test('examples of compressed weights run, and give what their comments say', async () => {
  for (const code of blocksOf('docs/compression.md', 'ts')) {
    const comments = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment!);
    const printed = await logged(code);
    expect(printed.map(([got]) => (typeof got === 'number' ? [got] : [...(got as Float32Array)]))).toEqual(
      comments.map((comment) => comment.split(', ').map(Number)),
    );
  }
});

test.each(['kernels', 'runtime', 'graph'])('the example of %s runs', async (name) => {
  const [[first]] = (await logged(blocksOf(`packages/${name}/README.md`, 'ts')[0]!)) as [[unknown]];
  expect(first).toBeTruthy();
});

test('examples of packages and kernels, and the kernel of CONTRIBUTING, are correct TypeScript', () => {
  const sources = new Map<string, string>();
  for (const path of [...packageReadmes, ...kernelReadmes])
    blocksOf(path, 'ts').forEach((code, i) =>
      sources.set(join(root, `${path}.${i}.ts`), `${code}\nexport {};\n`),
    );
  for (const [, , name, code] of read('CONTRIBUTING.md').matchAll(/^(`{3})ts file=(\S+)\n(.*?)^\1$/gms))
    sources.set(join(root, 'packages/kernels/src/rows/l2-norm', name!), code!);
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => readFileSync(file, 'utf8')) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: ['tooling/src/wgsl.d.ts'] },
    ts.sys,
    root,
  );
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const plain = { readFile: host.readFile, fileExists: host.fileExists, getSourceFile: host.getSourceFile };
  host.readFile = (file) => sources.get(file) ?? plain.readFile(file);
  const folders = [...sources.keys()].map((file) => dirname(file));
  host.directoryExists = (folder) => folders.includes(folder) || ts.sys.directoryExists(folder);
  host.fileExists = (file) => sources.has(file) || plain.fileExists(file);
  host.getSourceFile = (file, ...rest) =>
    sources.has(file)
      ? ts.createSourceFile(file, sources.get(file)!, ts.ScriptTarget.ES2022)
      : plain.getSourceFile(file, ...rest);
  const program = ts.createProgram(
    [...sources.keys(), join(root, 'tooling/src/wgsl.d.ts')],
    { ...options, noEmit: true, isolatedDeclarations: false, noUnusedLocals: false },
    host,
  );
  const problems = [...sources.keys()].flatMap((file) => {
    const source = program.getSourceFile(file)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) =>
        `${file.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
  expect(sources.size).toBeGreaterThan(6);
  expect(problems).toEqual([]);
});

test('the coverage table is that of the registry', async () => {
  await expect(coverageTable(registry)).toMatchFileSnapshot(join(root, 'docs/coverage.md'));
});

test('every package that is published carries the licence', () => {
  for (const folder of foldersOf('packages')) expect(read(`${folder}/LICENSE`)).toBe(read('LICENSE'));
});

test.each(packageReadmes)('%s says how to install it', (path) => {
  const { name } = JSON.parse(read(path.replace('README.md', 'package.json'))) as { name: string };
  expect(blocksOf(path, 'sh').join('')).toContain(`npm install ${name}`);
});
