// A page ships the cache formats that it imports.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const formats = ['contiguous', 'ring', 'paged', 'integers'];

/** The formats and the operators of caches that a bundle of some code holds. */
async function held(code: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: folder,
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    external: ['@tilewright/*'],
    logLevel: 'silent',
  });
  return Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [/([^/]+)\.ts$/.exec(file)?.[1] ?? ''] : [],
    );
}

test.each([
  ['contiguous', 'contiguous', ['contiguous']],
  ['ring', 'ring, packedRows', ['ring']],
  ['paged', 'paged', ['paged']],
  ['integers', 'integers', ['integers']],
])('%s alone', async (file, names, want) => {
  const files = await held(`export { ${names} } from './${file}.ts'`);
  expect(formats.filter((format) => files.includes(format)).sort()).toEqual([...want].sort());
});

test('what compiles brings none', async () => {
  const files = await held("export { compile } from '../compile.ts'");
  expect([...formats, 'cache-store', 'packed-attention'].filter((name) => files.includes(name))).toEqual([]);
});
