// A page ships the weight formats it imports and nothing of any other: each value of each format, bundled alone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { formatFolders, root } from './files.mjs';

const weights = 'packages/kernels/src/weights';

/** The files of which a bundle of `code` holds something. */
async function filesIn(code: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: code, resolveDir: join(root, 'tooling'), loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    conditions: ['tilewright-source'],
    loader: { '.wgsl': 'text' },
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output!.inputs).flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [file] : [],
  );
}

/** The names that a format's entry exports, types left out. */
const valuesOf = (folder: string): string[] =>
  [...readFileSync(join(root, weights, folder, 'index.ts'), 'utf8').matchAll(/export \{([^}]*)\}/g)]
    .flatMap(([, names]) => names!.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));

describe.each(formatFolders())('%s', (folder) => {
  const names = valuesOf(folder);

  test.each(names)('%s brings nothing of another format', async (name) => {
    const files = await filesIn(`export { ${name} } from '@tilewright/kernels/weights/${folder}';`);
    const foreign = files.filter((file) =>
      formatFolders().some((other) => other !== folder && file.startsWith(`${weights}/${other}/`)),
    );
    expect(files.some((file) => file.startsWith(`${weights}/${folder}/`))).toBe(true);
    expect(foreign).toEqual([]);
  });

  test('the format itself ships no packing, unpacking or rounding', async () => {
    const format = names.find((name) => name.endsWith('Family'))!;
    const files = await filesIn(`export { ${format} } from '@tilewright/kernels/weights/${folder}';`);
    const beside =
      /\/(?:pack|unpack|compact|quantizer|grid|example|codes|numbers|round|random|table-pack|table-quantizer|encode-scales)\.ts$/;
    expect(files.filter((file) => beside.test(file))).toEqual([]);
  });
});
