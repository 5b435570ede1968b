// A second implementation of WebGPU: Deno carries wgpu and naga, as Firefox does. One case of every kernel and variant, and
// the model, which must write there what it writes here.
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { registry } from '@tilewright/kernels/registry';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { environmentKey } from '../case-key.ts';
import { root } from '../files.mjs';
import { hashOf } from '../passed-memory.ts';
import { openTestDevice } from '../test-device.ts';
import { testMemory } from '../test-memory.ts';
import type { Row } from './check-all.ts';
import { writeModelText } from './write-model-text.ts';

const model = join(root, 'models/shakespeare-1m');

describe('in Deno', async () => {
  const { device, dispose } = await openTestDevice();
  afterAll(dispose);
  const script = await bundle();
  const manifest = createRequire(import.meta.url).resolve('deno/package.json');
  const { version } = createRequire(import.meta.url)(manifest) as { version: string };
  const key = hashOf([environmentKey(device), version, script.text]);

  if (testMemory.has(key)) {
    test('every kernel and the model passed before, and nothing changed', ({ task }) => {
      task.meta.remembered = 1;
      expect(testMemory.has(key)).toBe(true);
    });
    return;
  }

  const flags = [
    '--unstable-webgpu',
    '--no-config',
    '--no-lock',
    '--no-prompt',
    '--allow-env',
    '--allow-read',
  ];
  const command = [join(dirname(manifest), 'bin.cjs'), 'run', ...flags, script.file, model];
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 26 });
  const rows = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Row);
  const cases = rows.filter((row) => 'name' in row);

  test('an adapter, and every kernel', () => {
    expect(rows[0]).toHaveProperty('adapter');
    const names = new Set(cases.map(({ kernel }) => kernel));
    expect(registry.filter(({ kernel }) => !names.has(kernel.name)).map(({ kernel }) => kernel.name)).toEqual(
      [],
    );
  });

  for (const { name, passed, message } of cases)
    test(name, () => {
      expect({ passed, message }).toEqual({ passed: true, message: '' });
    });

  test('the model writes what it writes in Node', async () => {
    const texts = rows.filter((row) => 'text' in row).map(({ text }) => text);
    expect(texts).toEqual([await writeModelText(device, model)]);
    expect(texts[0]!.length).toBeGreaterThan(60);
    if (cases.every(({ passed }) => passed)) testMemory.add(key);
  });
});

/** The script with all of ours in it: Deno reads neither shaders as text nor the sources' export condition. */
async function bundle(): Promise<{ readonly file: string; readonly text: string }> {
  const file = join(mkdtempSync(join(tmpdir(), 'tilewright-deno-')), 'check-all.mjs');
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'check-all.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    conditions: ['tilewright-source'],
    loader: { '.wgsl': 'text' },
    external: ['webgpu'],
    outfile: file,
    write: false,
  });
  const { text } = outputFiles[0]!;
  writeFileSync(file, text);
  return { file, text };
}
