// The kernel that CONTRIBUTING has the reader write passes the tests that CONTRIBUTING has the reader run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkHardValues, checkProgram, prepareCase } from '@tilewright/bench/verify';
import { checkPlans, type KernelCheck } from '@tilewright/kernels';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { openTestDevice, testProfile } from './test-device.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'packages/kernels/src/rows/l2-norm');

/** The files of the tutorial, by name. */
const files = new Map(
  [
    ...readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').matchAll(/^(`{3,})\w+ file=(\S+)\n(.*?)^\1$/gms),
  ].map(([, , name, text]) => [name!, text!]),
);

/** What `check.ts` of the tutorial exports, with the files where the reader puts them. */
async function tutorialCheck(): Promise<KernelCheck> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from './check.ts';`,
      resolveDir: folder,
      sourcefile: join(folder, 'entry.ts'),
    },
    bundle: true,
    write: false,
    format: 'esm',
    loader: { '.wgsl': 'text' },
    plugins: [
      {
        name: 'tutorial',
        setup({ onLoad, onResolve }) {
          // The folder is not there, so that what its files import is found by hand.
          onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) =>
            resolveDir === folder ? { path: join(folder, path) } : undefined,
          );
          onLoad({ filter: /rows\/l2-norm\// }, ({ path }) => ({
            contents: files.get(basename(path))!,
            loader: path.endsWith('.wgsl') ? 'text' : 'ts',
            resolveDir: folder,
          }));
        },
      },
    ],
  });
  const place = mkdtempSync(join(tmpdir(), 'tutorial-'));
  try {
    const path = join(place, 'check.mjs');
    writeFileSync(path, outputFiles[0]!.text);
    return ((await import(pathToFileURL(path).href)) as { check: KernelCheck }).check;
  } finally {
    rmSync(place, { recursive: true });
  }
}

// SwiftShader gets its share by the kernels' own checks; the null adapter runs nothing.
test.skipIf(testProfile.compileOnly || testProfile.subset)('the tutorial', async () => {
  expect([...files.keys()]).toContain('l2-norm.wgsl');
  const opened = await openTestDevice();
  const { device } = opened;
  const check = await tutorialCheck();
  let checked = 0;
  for (const input of check.cases) {
    const prepared = prepareCase(check, input);
    for (const plan of checkPlans(check.kernel, prepared.problem, device.capabilities)) {
      const program = check.kernel.program(prepared.problem, plan);
      expect((await checkProgram(device, prepared, program)).message).toBe('');
      if (prepared.problem.axes.rows! > 1000) continue;
      expect(await checkHardValues(device, prepared, program)).toEqual([]);
      checked++;
    }
  }
  expect(checked).toBeGreaterThan(10);
  opened.dispose();
});
