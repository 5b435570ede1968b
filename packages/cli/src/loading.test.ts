import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** What a file loads before anything is called: files of this package, and packages by name. */
async function loadedBy(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, entry)],
    absWorkingDir: join(import.meta.dirname, '..'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const found of metafile.inputs[path]?.imports ?? [])
      if (found.kind === 'import-statement') visit(found.path);
  };
  visit(`src/${entry}`);
  return [...seen];
}

test('help, the version and refused command lines load no subcommand, no model and no device', async () => {
  const loaded = await loadedBy('bin.ts');
  expect(loaded).toContain('src/commands/generate-command.ts');
  expect(loaded.filter((path) => !path.startsWith('src/') && !path.startsWith('node:')).sort()).toEqual([
    '@tilewright/bench/process',
    '@tilewright/kernels',
    '@tilewright/models/variants',
    'commander',
  ]);
});
