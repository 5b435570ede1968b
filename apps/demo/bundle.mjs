// Bundles the element from the built packages into dist/: `tilewright-model.js`, which is all that a page includes;
// `tilewright-compression.js`, which that fetches when a compressed variant is chosen; and
// `tilewright-architectures.js`, for a model that is no Llama. Each stands alone: they share code, but then no page
// waits for a chain of chunks.
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, transform } from 'esbuild';

const folder = import.meta.dirname;
const fetched = ['compression', 'architectures'];

/** Markup and styles become short strings; the other script stays a script. */
const page = {
  name: 'page',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code, loader: 'text' };
    });
    onLoad({ filter: /\.html$/ }, async ({ path }) => {
      const markup = await readFile(path, 'utf8');
      return { contents: markup.replace(/\s*\n\s*/g, ''), loader: 'text' };
    });
    onResolve({ filter: /^\.\/\w+\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import'
        ? { path: `./tilewright-${path.slice(2, -3)}.js`, external: true }
        : undefined,
    );
  },
};

const bundle = async (entry, name, options) =>
  await build({
    absWorkingDir: folder,
    entryPoints: { [name]: entry },
    outdir: 'dist',
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    plugins: [page],
    logLevel: 'error',
    ...options,
  });

/** Writes dist/ and gives its path. Throws esbuild's words where the packages are not built. */
export async function bundleDemo() {
  await Promise.all([
    bundle('./src/main.ts', 'tilewright-model'),
    ...fetched.map((name) => bundle(`./src/${name}.ts`, `tilewright-${name}`)),
  ]);
  await copyFile(join(folder, 'index.html'), join(folder, 'dist/index.html'));
  return join(folder, 'dist');
}

/** The text of the script that a page includes, without the tokenizer library. For the size budget. */
export async function elementScript() {
  const { outputFiles } = await bundle('./src/main.ts', 'tilewright-model', {
    write: false,
    external: ['@huggingface/tokenizers'],
  });
  return outputFiles[0].text;
}
