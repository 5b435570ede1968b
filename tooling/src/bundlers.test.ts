// What bundlers make of the packages: without a warning, and with nothing in the way of a page or of Node. One kernel and
// the runtime, and a model that writes, as they were last built.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import nodeResolve from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const kernelText = `
import { rmsNorm } from '@tilewright/kernels/rms-norm';
import { openDevice, runKernel } from '@tilewright/runtime';
export async function result() {
  const device = await openDevice();
  const x = device.tensor([1, 4], [1, 2, 3, 4]);
  const { y } = await runKernel(device, rmsNorm, { inputs: { x }, options: { gain: false }, scalars: { eps: 0 } });
  const values = [...(await y.read())];
  device.dispose();
  return values;
}
`;
/** Writes with the model at a place, which `opening` opens. */
const modelText = (formats: string, opening: string): string => `
import { ${opening.match(/\w+/g)!.slice(0, -1).join(', ')} } from '${formats}';
import { loadLanguageModel, openModel, writeText } from '@tilewright/models/all';
import { openDevice } from '@tilewright/runtime';
export async function result(place) {
  const opened = await openModel(await ${opening});
  const model = await loadLanguageModel(await openDevice(), opened);
  let text = '';
  for await (const part of writeText(model, 'ROMEO:', { maxTokens: 8 })) text += part;
  return text;
}
`;
const programs = {
  kernel: { page: kernelText, node: kernelText },
  model: {
    page: modelText('@tilewright/formats', 'openModelFolder(urlFiles(place))'),
    node: modelText('@tilewright/formats/node', 'openModelFolderAt(place)'),
  },
} as const;
const runText = `
const { result } = await import(process.argv[2]);
console.log(JSON.stringify(await result(process.argv[3])));
process.exit(0);
`;

/** Bundles `entry` into `output`, for a page or for Node, and gives what the bundler warned of. */
type Bundle = (entry: string, output: string, target: 'page' | 'node') => Promise<readonly string[]>;

const bundlers: Readonly<Record<string, Bundle>> = {
  async esbuild(entry, output, target) {
    const { warnings } = await esbuild({
      entryPoints: [entry],
      outfile: output,
      bundle: true,
      format: 'esm',
      platform: target === 'page' ? 'browser' : 'node',
      logLevel: 'silent',
    });
    return warnings.map(({ text }) => text);
  },
  async vite(entry, output, target) {
    const warnings: string[] = [];
    const warn = (message: unknown): void => void warnings.push(String(message));
    await vite({
      configFile: false,
      root,
      logLevel: 'warn',
      customLogger: {
        info: () => {},
        warn,
        warnOnce: warn,
        error: warn,
        clearScreen: () => {},
        hasErrorLogged: () => false,
        hasWarned: false,
      },
      build: {
        emptyOutDir: false,
        outDir: join(output, '..'),
        minify: false,
        ...(target === 'node' && {
          ssr: entry,
          rollupOptions: { output: { entryFileNames: output.split('/').at(-1)! } },
        }),
        ...(target === 'page' && {
          lib: { entry, formats: ['es'] as const, fileName: () => output.split('/').at(-1)! },
        }),
      },
      ...(target === 'node' && { ssr: { noExternal: [/^@tilewright\//], target: 'node' as const } }),
    });
    return warnings;
  },
  async rollup(entry, output, target) {
    const warnings: string[] = [];
    const bundle = await rollup({
      input: entry,
      plugins: [nodeResolve({ browser: target === 'page' })],
      onwarn: ({ message }) => void warnings.push(message),
    });
    await bundle.write({
      dir: join(output, '..'),
      entryFileNames: output.split('/').at(-1)!,
      chunkFileNames: '[name]-[hash].mjs',
      format: 'es',
    });
    await bundle.close();
    return warnings;
  },
  webpack: (entry, output, target) =>
    new Promise((done, fail) => {
      webpack(
        {
          mode: 'production',
          entry,
          target: target === 'page' ? 'web' : 'node',
          experiments: { outputModule: true },
          performance: { hints: false },
          output: {
            path: join(output, '..'),
            filename: output.split('/').at(-1)!,
            library: { type: 'module' },
            module: true,
            chunkFormat: 'module',
          },
        },
        (error, stats) => {
          if (error) return fail(error);
          const { errors = [], warnings = [] } = stats!.toJson({ all: false, errors: true, warnings: true });
          if (errors.length > 0) return fail(new Error(errors.map(({ message }) => message).join('\n')));
          done(warnings.map(({ message }) => message));
        },
      );
    }),
};

let folder: string;
beforeAll(() => {
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  folder = mkdtempSync(join(root, 'node_modules/.bundles-'));
  for (const [program, texts] of Object.entries(programs))
    for (const [target, text] of Object.entries(texts))
      writeFileSync(join(folder, `${program}-${target}.mjs`), text);
  writeFileSync(join(folder, 'run.mjs'), runText);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a program says when Node runs it. */
function said(program: string): unknown {
  const place = join(root, 'models/shakespeare-1m');
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'run.mjs'), program, place], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe.each(Object.entries(bundlers))('%s', (name, bundle) => {
  test.each(['kernel', 'model'])('%s: no warning for a page, which asks for no package', async (program) => {
    const output = join(folder, `${name}-${program}-page.mjs`);
    expect(await bundle(join(folder, `${program}-page.mjs`), output, 'page')).toEqual([]);
    // Dawn is for Node: no page may be sent for it before its script runs.
    expect(readFileSync(output, 'utf8')).not.toMatch(/from\s*["'`]webgpu|Cannot find module/);
  });

  test('kernel: no warning for Node, where what is made opens a device', async () => {
    const output = join(folder, `${name}-kernel-node-out.mjs`);
    expect(await bundle(join(folder, 'kernel-node.mjs'), output, 'node')).toEqual([]);
    const rms = Math.sqrt((1 + 4 + 9 + 16) / 4);
    const values = said(output) as number[];
    expect(values).toHaveLength(4);
    values.forEach((value, i) => expect(value).toBeCloseTo((i + 1) / rms, 5));
  });

  test('model: no warning for Node, where what is made writes what the packages write', async () => {
    const output = join(folder, `${name}-model-node-out.mjs`);
    expect(await bundle(join(folder, 'model-node.mjs'), output, 'node')).toEqual([]);
    const text = said(output);
    expect(text).toBe(said(join(folder, 'model-node.mjs')));
    expect(text).toMatch(/\w/);
  });
});
