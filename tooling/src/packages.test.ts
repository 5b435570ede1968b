// What npm would publish, as a stranger gets it: packed from a tree that was never built, installed outside of it without a
// network, checked by the oldest TypeScript that the README states and by the newest, run in Node and in a page.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, startChromium } from '../../apps/demo/src/test/chromium.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tilewright-packages-'));
const consumer = join(folder, 'consumer');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Packages that a page or a server installs; the command and the benches need a driver and hundreds of megabytes. */
const installed = ['kernels', 'runtime', 'formats', 'graph', 'compression', 'quant', 'prune', 'models'];
const npm = (args: readonly string[], cwd: string): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 26 });

/** The tracked files and what else is not ignored, without anything that was built. */
function copyTree(to: string): void {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const wanted = /^(packages|tooling)\/|^[^/]+\.json$|^LICENSE$/;
  for (const path of listed.split('\n').filter((each) => wanted.test(each)))
    cpSync(join(root, path), join(to, path), { recursive: true });
  mkdirSync(join(to, 'apps'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
}

/** Dawn is 130 MB: linked, not packed. An install takes the link away. */
const linkDawn = (): void =>
  symlinkSync(join(root, 'node_modules/webgpu'), join(consumer, 'node_modules/webgpu'));

beforeAll(() => {
  const tree = join(folder, 'tree');
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs, { recursive: true });
  copyTree(tree);
  const workspaces = [...installed, 'bench', 'cli'].flatMap((name) => ['-w', `packages/${name}`]);
  npm(['pack', '--silent', '--pack-destination', tarballs, ...workspaces], tree);
  // Third parties come from what is installed here, as packages too: no registry is asked.
  for (const name of ['@huggingface/tokenizers', '@webgpu/types'])
    npm(
      [
        'pack',
        '--silent',
        '--ignore-scripts',
        '--pack-destination',
        tarballs,
        join(root, 'node_modules', name),
      ],
      tree,
    );
  mkdirSync(consumer);
  writeFileSync(
    join(consumer, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  const files = readdirSync(tarballs).filter((file) => !/^tilewright-(bench-)?\d/.test(file));
  npm(
    [
      'install',
      '--offline',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      ...files.map((file) => join(tarballs, file)),
    ],
    consumer,
  );
  linkDawn();
}, 240_000);

const contents = (file: string): readonly string[] =>
  execFileSync('tar', ['-tzf', join(folder, 'tarballs', file)], { encoding: 'utf8' }).split('\n');

test('every package holds its code, its types, its sources and its licence, and no tests', () => {
  const tarballs = readdirSync(join(folder, 'tarballs')).filter((file) => file.startsWith('tilewright'));
  expect(tarballs).toHaveLength(installed.length + 2);
  for (const file of tarballs) {
    const inside = contents(file);
    const entry = /^tilewright-\d/.test(file) ? 'dist/bin.js' : 'dist/index.js';
    expect({
      file,
      lacks: [entry, 'package.json', 'LICENSE', 'README.md'].filter(
        (each) => !inside.includes(`package/${each}`),
      ),
      types: inside.some((path) => path.endsWith('.d.ts')),
      tests: inside.filter((path) => /\.test\.(ts|js|d\.ts)$/.test(path)),
    }).toEqual({ file, lacks: [], types: true, tests: [] });
  }
});

test('the command holds what it runs of ours, and runs with what its manifest lists', () => {
  const name = readdirSync(join(folder, 'tarballs')).find((file) => /^tilewright-\d/.test(file))!;
  const home = join(folder, 'command');
  mkdirSync(home);
  execFileSync('tar', ['-xzf', join(folder, 'tarballs', name), '-C', home, '--strip-components=1']);
  const { version, dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(home, 'package.json'), 'utf8'),
  ) as Record<'version', string> & Record<'dependencies' | 'optionalDependencies', Record<string, string>>;
  const listed = Object.keys({ ...dependencies, ...optionalDependencies });
  expect(listed.filter((each) => each.startsWith('@tilewright/'))).toEqual([]);
  for (const each of listed) {
    const link = join(home, 'node_modules', each);
    mkdirSync(dirname(link), { recursive: true });
    const own = join(root, 'packages/cli/node_modules', each);
    symlinkSync(existsSync(own) ? own : join(root, 'node_modules', each), link);
  }
  const run = (...words: string[]): string =>
    execFileSync('node', [join(home, 'bin/tilewright.mjs'), ...words], {
      cwd: home,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  expect(run('--version')).toBe(`${version}\n`);
  const model = join(root, 'models/shakespeare-1m');
  expect(
    run('generate', model, '--prompt', 'ROMEO:', '--max-tokens', '2', '--adapter', 'swiftshader'),
  ).toMatch(/^ROMEO:\n\S/);
}, 60_000);

const entry = `
import { type Kernel, TilewrightError } from '@tilewright/kernels';
import { rmsNorm } from '@tilewright/kernels/rms-norm';
import { booleanMask } from '@tilewright/kernels/fillings';
import { integerQuantizer } from '@tilewright/kernels/weights/integer';
import { openDevice, runKernel, type Tensor } from '@tilewright/runtime';
import { explain } from '@tilewright/graph';
import { gptq } from '@tilewright/quant';
import { wanda } from '@tilewright/prune';
import { generateTokens } from '@tilewright/models';
import { fixedCombiner } from '@tilewright/models/attention/combiner';

const kernel: Kernel<'x' | 'weight', 'y'> = rmsNorm;
// @ts-expect-error a kernel is no number
const wrong: number = kernel;
// @ts-expect-error there is no such member
export const misspelt: unknown = kernel.plan;
export const parts: readonly unknown[] = [TilewrightError, booleanMask, explain, gptq(integerQuantizer({ bits: 4 })), wanda(), generateTokens, fixedCombiner, wrong];

export async function normalise(): Promise<number[]> {
  const device = await openDevice();
  const x: Tensor = device.tensor([1, 4], [1, 2, 3, 4]);
  const { y } = await runKernel(device, rmsNorm, { inputs: { x }, options: { gain: false }, scalars: { eps: 0 } });
  const values = Array.from(await y.read());
  device.dispose();
  return values;
}
`;

/** The one that `are the types wrong` brings along: 5.6. */
const oldest = createRequire(join(root, 'node_modules/@arethetypeswrong/core/package.json')).resolve(
  'typescript',
);
const newest = createRequire(join(root, 'package.json')).resolve('typescript');
const versionOf = (typescript: string): string =>
  (JSON.parse(readFileSync(join(dirname(typescript), '../package.json'), 'utf8')) as { version: string })
    .version;

/** Checks files of the consumer, strict; what it says and how it ends. */
function typesOf(
  moduleResolution: string,
  typescript: string,
  file: string,
): { stdout: string; status: number | null } {
  writeFileSync(
    join(consumer, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: true,
        noEmit: true,
        target: 'es2022',
        lib: ['es2022'],
        types: ['@webgpu/types'],
        module: moduleResolution === 'nodenext' ? 'nodenext' : 'esnext',
        moduleResolution,
      },
      files: [file],
    }),
  );
  const tsc = join(dirname(typescript), 'tsc.js');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', consumer], { encoding: 'utf8' });
  return { stdout, status };
}

test.each([
  [versionOf(oldest), 'bundler', oldest],
  [versionOf(oldest), 'nodenext', oldest],
  [versionOf(newest), 'bundler', newest],
  [versionOf(newest), 'nodenext', newest],
])('TypeScript %s takes the types, strict, under %s', (_, moduleResolution, typescript) => {
  writeFileSync(join(consumer, 'entry.ts'), entry);
  expect(typesOf(moduleResolution, typescript, 'entry.ts')).toEqual({ stdout: '', status: 0 });
});

const want = [1, 2, 3, 4].map((value) => value / Math.sqrt((1 + 4 + 9 + 16) / 4));
const expectNormalised = (values: readonly number[]): void => {
  expect(values).toHaveLength(4);
  values.forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 5));
};
const call =
  'openDevice().then(async (device) => { const x = device.tensor([1, 4], [1, 2, 3, 4]); const { y } = await runKernel(device, rmsNorm, { inputs: { x }, options: { gain: false }, scalars: { eps: 0 } }); console.log(JSON.stringify([...(await y.read())])); process.exit(0); });\n';

test.each([
  [
    'import',
    'run.mjs',
    "import { rmsNorm } from '@tilewright/kernels/rms-norm';\nimport { openDevice, runKernel } from '@tilewright/runtime';\n",
  ],
  [
    'require',
    'run.cjs',
    "const { rmsNorm } = require('@tilewright/kernels/rms-norm');\nconst { openDevice, runKernel } = require('@tilewright/runtime');\n",
  ],
])('Node runs a kernel by %s', (_, file, head) => {
  writeFileSync(join(consumer, file), head + call);
  const { stdout, stderr } = spawnSync(process.execPath, [join(consumer, file)], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  expectNormalised(JSON.parse(stdout) as number[]);
});

const chromium = findChromium();

/** Bundles a file of the consumer for a page, and evaluates an expression there: what the file exports is in `page`. */
async function inPage<T>(file: string, expression: string): Promise<T> {
  const { outputFiles, warnings } = await build({
    entryPoints: [join(consumer, file)],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'page',
    logLevel: 'silent',
  });
  expect(warnings).toEqual([]);
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>Consumer</title><script>${outputFiles[0]!.text}</script>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const browser = await startChromium(chromium!);
  try {
    const page = await browser.open(`http://localhost:${(server.address() as AddressInfo).port}/`);
    return await page.evaluate<T>(expression);
  } finally {
    await browser.close();
    server.close();
  }
}

// A page needs a browser; CI brings one.
test.skipIf(chromium === undefined)('Chromium runs a kernel', async () => {
  writeFileSync(join(consumer, 'entry.ts'), entry);
  expectNormalised(await inPage<number[]>('entry.ts', 'page.normalise()'));
});

/** What a stranger adds, through published entry points only: a weight format, an operator with its kernel, an architecture. */
const outsideEntry = `
import { memoryFiles, openModelFolder, writeSafetensors } from '@tilewright/formats';
import { explain } from '@tilewright/graph';
import type { HostTensor, StateDict } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { compileModel, generateTokens, loadLanguageModel, openModel, type OpenedModel, type LanguageTasks } from '@tilewright/models';
import { type Device, openDevice, runKernel } from '@tilewright/runtime';
import { packSigns, signsFamily, softSignKernel, tidal, unpackSigns } from 'tilewright-tidal';

const config = { architectures: ['TidalForCausalLM'], hidden_size: 32, inner_size: 40, vocab_size: 29, num_layers: 2, num_heads: 2, max_positions: 24 };
let seed = 5;
const next = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;
const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, next);

/** The same numbers, as signs and as f32. */
function states(): readonly [StateDict, StateDict] {
  const signs = new Map<string, HostTensor>();
  const plain = new Map<string, HostTensor>();
  const dense = (name: string, ...shape: number[]): void => {
    const tensor = packDense(numbers(shape.reduce((a, b) => a * b, 1)), shape, 'f32');
    signs.set(name, tensor);
    plain.set(name, tensor);
  };
  const signed = (name: string, rows: number, columns: number): void => {
    const tensor = packSigns(numbers(rows * columns), [rows, columns]);
    signs.set(name, tensor);
    plain.set(name, packDense(unpackSigns(tensor), [rows, columns], 'f32'));
  };
  dense('model.embed_tokens.weight', 29, 32);
  for (const layer of [0, 1]) {
    const name = 'model.layers.' + layer;
    dense(name + '.input_layernorm.weight', 32);
    for (const part of ['q', 'k', 'v', 'o']) dense(name + '.self_attn.' + part + '_proj.weight', 32, 32);
    dense(name + '.post_attention_layernorm.weight', 32);
    signed(name + '.mlp.up.weight', 40, 32);
    signed(name + '.mlp.down.weight', 32, 40);
  }
  dense('model.norm.weight', 32);
  return [signs, plain];
}

async function open(state: StateDict): Promise<OpenedModel<LanguageTasks>> {
  const files = new Map([
    ['config.json', Uint8Array.from(JSON.stringify(config), (character) => character.charCodeAt(0))],
    ['model.safetensors', writeSafetensors(state)],
  ]);
  return openModel(await openModelFolder(memoryFiles(files)), { architectures: [tidal], formats: [signsFamily], strict: true });
}

async function write(device: Device, opened: OpenedModel<LanguageTasks>): Promise<number[]> {
  const model = await loadLanguageModel(device, opened, { buckets: [4] });
  const tokens: number[] = [];
  for await (const token of generateTokens(model, [3, 1, 4], { maxTokens: 12 })) tokens.push(token);
  model.dispose();
  return tokens;
}

export async function tryAll(): Promise<{ soft: number[]; signs: number[]; plain: number[]; formats: string[]; kernels: string[] }> {
  const device = await openDevice();
  const { y } = await runKernel(device, softSignKernel, { inputs: { x: device.tensor([1, 4], [-3, 0, 1, 1e30]) } });
  const [signs, plain] = await Promise.all(states().map(open));
  const { decode } = compileModel(device, signs!);
  return {
    soft: [...(await y.read())],
    signs: await write(device, signs!),
    plain: await write(device, plain!),
    formats: [...new Set([...signs!.weights.values()].map(({ format }) => format.name))],
    kernels: [...new Set(explain(decode.compiled, { tokens: 1, keys: 4 }).calls.map(({ kernel }) => kernel))],
  };
}
`;

const expectOutside = ({ soft, signs, plain, formats, kernels }: Record<string, unknown[]>): void => {
  expect(soft!.map((value) => Number(value).toFixed(6))).toEqual([
    '-0.750000',
    '0.000000',
    '0.500000',
    '1.000000',
  ]);
  expect(new Set(signs).size).toBeGreaterThan(1);
  expect(signs).toEqual(plain);
  expect(signs).toHaveLength(12);
  expect(formats!.toSorted()).toEqual(['f32', 'signs']);
  expect(kernels).toContain('tidal-soft-sign');
};

describe('a package of somebody else adds a format, an operator and an architecture', () => {
  const outside = join(folder, 'outside');
  const strict =
    '--strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --isolatedDeclarations'.split(' ');
  const target = '--skipLibCheck --target es2022 --lib es2022 --types @webgpu/types --ignoreConfig'.split(
    ' ',
  );
  const output = '--declaration --rewriteRelativeImportExtensions'.split(' ');
  const compile = (moduleResolution: string, ...more: readonly string[]) => {
    const module = moduleResolution === 'nodenext' ? 'nodenext' : 'esnext';
    const resolution = ['--module', module, '--moduleResolution', moduleResolution];
    const tsc = join(dirname(newest), 'tsc.js');
    return spawnSync(
      process.execPath,
      [tsc, ...strict, ...target, ...output, ...resolution, ...more, 'src/index.ts'],
      { cwd: outside, encoding: 'utf8' },
    );
  };

  beforeAll(() => {
    cpSync(join(root, 'tooling/src/outside'), outside, { recursive: true });
    symlinkSync(join(consumer, 'node_modules'), join(outside, 'node_modules'));
  });

  test('it compiles, strict, by what the packages publish', () => {
    const checked = compile('bundler', '--noEmit');
    expect({ stdout: checked.stdout, status: checked.status }).toEqual({ stdout: '', status: 0 });
    const built = compile('nodenext', '--outDir', 'dist', '--rootDir', 'src');
    expect({ stdout: built.stdout, status: built.status }).toEqual({ stdout: '', status: 0 });
    npm(['pack', '--silent', '--pack-destination', folder], outside);
    npm(
      [
        'install',
        '--offline',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        join(folder, 'tilewright-tidal-1.0.0.tgz'),
      ],
      consumer,
    );
    linkDawn();
    writeFileSync(join(consumer, 'outside.ts'), outsideEntry);
  }, 60_000);

  test.each([
    [versionOf(oldest), 'bundler', oldest],
    [versionOf(oldest), 'nodenext', oldest],
    [versionOf(newest), 'bundler', newest],
    [versionOf(newest), 'nodenext', newest],
  ])('TypeScript %s takes it, strict, under %s', (_, moduleResolution, typescript) => {
    expect(typesOf(moduleResolution, typescript, 'outside.ts')).toEqual({ stdout: '', status: 0 });
  });

  test('Node runs it', async () => {
    const outfile = join(consumer, 'outside.mjs');
    const { warnings } = await build({
      entryPoints: [join(consumer, 'outside.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      external: ['webgpu'],
      logLevel: 'silent',
    });
    expect(warnings).toEqual([]);
    const program = `import { tryAll } from ${JSON.stringify(outfile)}; console.log(JSON.stringify(await tryAll())); process.exit(0);`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    if (stdout === '') throw new Error(stderr);
    expectOutside(JSON.parse(stdout) as Record<string, unknown[]>);
  }, 120_000);

  // A page needs a browser; CI brings one.
  test.skipIf(chromium === undefined)(
    'Chromium runs it',
    async () => {
      expectOutside(await inPage<Record<string, unknown[]>>('outside.ts', 'page.tryAll()'));
    },
    120_000,
  );
});
