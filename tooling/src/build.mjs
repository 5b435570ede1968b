// Builds the packages in the folders named, else in the current one, into dist/: split so that each entry carries only
// what it uses. Those of our packages that are only needed to develop one are built into it.
// Declarations are made by declarations.mjs: running needs none, and `npm start` should not wait for them.
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { deleteFiles, filesBelow, runMain } from './files.mjs';

const sourceCondition = 'tilewright-source';

/** The source files that `exports` names, with `*` expanded, and `src/bin.ts` where there is one. */
export function entryPoints(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const sources = filesBelow(join(folder, 'src'));
  const exported = Object.values(manifest.exports).flatMap((target) => target[sourceCondition] ?? []);
  const found = exported.flatMap((pattern) => {
    const [before, after] = resolve(folder, pattern).split('*');
    const matching = sources.filter((file) =>
      after === undefined
        ? file === before
        : file.startsWith(before) && file.endsWith(after) && isOneName(file, before, after),
    );
    if (matching.length === 0 && after === undefined)
      throw new Error(`${manifest.name}: exports name ${pattern}, which does not exist`);
    return matching;
  });
  return [...found, ...sources.filter((file) => file === join(resolve(folder), 'src/bin.ts'))];
}

const isOneName = (file, before, after) => !file.slice(before.length, -after.length).includes('/');

/** Shaders become strings without their comments: WGSL has no strings of its own that could hold a `//`. */
const shaders = {
  name: 'shaders',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.wgsl$/ }, async ({ path }) => ({
      contents: withoutComments(await readFile(path, 'utf8')),
      loader: 'text',
    })),
};

/** `wgsl` without indentation, comments and the empty lines they leave. */
export const withoutComments = (wgsl) =>
  wgsl
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/[ \t]*\/\/.*$/gm, '')
    .replace(/^[ \t]+/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trimStart();

/**
 * esbuild has each chunk import the chunks it was split from, for effects that these packages do not have: pages would load
 * more, and bundlers that know it warn. Lines stay, for the source maps.
 */
async function dropBareImports(path) {
  const text = await readFile(path, 'utf8');
  const dropped = withoutBareImports(text);
  if (dropped !== text) await writeFile(path, dropped);
}

/** `text` without imports of files of these packages that take nothing from them. */
export const withoutBareImports = (text) => text.replace(bareImport, '');
const bareImport = new RegExp(`^import "(\\.{1,2}|@tilewright)/[^"\\n]+";$`, 'gm');

/** Those of our packages that a published one holds instead of depending on them: a command loads fewer files so. */
export const builtIn = ({ private: unpublished, devDependencies = {} }) =>
  unpublished ? [] : Object.keys(devDependencies).filter((name) => name.startsWith('@tilewright/'));

/** What a manifest has installed beside the package: that is imported. */
export const installedBy = ({ dependencies, optionalDependencies, peerDependencies }) =>
  [dependencies, optionalDependencies, peerDependencies].flatMap((kind) => Object.keys(kind ?? {}));

/** Third parties stay packages of their own, with their licences: where one would be built in, the manifest lacks it. */
function assertOurs(folder, { inputs }) {
  const foreign = Object.keys(inputs).filter((path) => path.includes('node_modules/'));
  if (foreign.length > 0)
    throw new Error(`${folder}/package.json does not list what holds ${foreign.join(', ')}`);
}

async function buildPackage(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: folder,
    entryPoints: [...new Set(entryPoints(folder))],
    outbase: 'src',
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions: [sourceCondition],
    external: ['node:*', ...installedBy(manifest)],
    sourcemap: true,
    chunkNames: 'chunks/[name]-[hash]',
    plugins: [shaders],
    logLevel: 'warning',
  });
  assertOurs(folder, metafile);
  const written = new Set(Object.keys(metafile.outputs).map((path) => join(folder, path)));
  await Promise.all([...written].filter((path) => path.endsWith('.js')).map(dropBareImports));
  deleteFiles(join(folder, 'dist'), (file) => /\.js(\.map)?$/.test(file) && !written.has(file));
}

await runMain(import.meta, async () => {
  const folders = process.argv.slice(2);
  await Promise.all((folders.length > 0 ? folders : ['.']).map((folder) => buildPackage(resolve(folder))));
});
