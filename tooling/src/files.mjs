// What the checks look at.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = resolve(import.meta.dirname, '../..');

const skipped = new Set(['node_modules', 'dist', '.turbo', '.git', 'reports', 'coverage']);

/** Calls `main` when `meta` belongs to the script that Node was started with; an error becomes one line and exit code 1. */
export async function runMain(meta, main) {
  if (meta.url !== pathToFileURL(process.argv[1] ?? '').href) return;
  try {
    await main();
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}

/** Absolute paths of all files below `folder`, sorted; none where there is no such folder. */
export function filesBelow(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path);
      return [path];
    })
    .sort();
}

/** Deletes the files below `folder` that `isStale`; a build must not leave what an earlier one made. */
export function deleteFiles(folder, isStale) {
  for (const file of filesBelow(folder)) if (isStale(file)) rmSync(file);
}

/** The families of weight formats, sorted by name: folders that hold an example. */
export function formatFolders(source = join(root, 'packages/kernels/src')) {
  return readdirSync(join(source, 'weights'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(source, 'weights', entry.name, 'example.ts')))
    .map(({ name }) => name)
    .sort();
}

/** The kernels, sorted by name: folders of a family that hold a check. `path` is relative to packages/kernels/src. */
export function kernelFolders(source = join(root, 'packages/kernels/src')) {
  const foldersOf = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  return foldersOf(source)
    .flatMap((family) =>
      foldersOf(join(source, family)).map((name) => ({ name, family, path: `${family}/${name}` })),
    )
    .filter(({ path }) => existsSync(join(source, path, 'check.ts')))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
