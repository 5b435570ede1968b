// What npm would publish, as a stranger gets it: packed from a tree that was never built, installed outside of it without a
// network, checked by the oldest TypeScript that the README states and by the newest, run in Node and in a page.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
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
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  // Dawn is 130 MB: linked, not packed.
  symlinkSync(join(root, 'node_modules/webgpu'), join(consumer, 'node_modules/webgpu'));
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

test.each([
  [versionOf(oldest), 'bundler', oldest],
  [versionOf(oldest), 'nodenext', oldest],
  [versionOf(newest), 'bundler', newest],
  [versionOf(newest), 'nodenext', newest],
])('TypeScript %s takes the types, strict, under %s', (_, moduleResolution, typescript) => {
  writeFileSync(join(consumer, 'entry.ts'), entry);
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
      files: ['entry.ts'],
    }),
  );
  const tsc = join(dirname(typescript), 'tsc.js');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', consumer], { encoding: 'utf8' });
  expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
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
// A page needs a browser; CI brings one.
test.skipIf(chromium === undefined)('Chromium runs a kernel', async () => {
  writeFileSync(join(consumer, 'entry.ts'), entry);
  const { outputFiles, warnings } = await build({
    entryPoints: [join(consumer, 'entry.ts')],
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
    expectNormalised(await page.evaluate<number[]>('page.normalise()'));
  } finally {
    await browser.close();
    server.close();
  }
});
