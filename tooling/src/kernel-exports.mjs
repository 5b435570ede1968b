// The `exports` of packages/kernels: import paths are flat, the family is the folder. Run it to write the map anew after
// adding or moving a kernel or a weight format; a house rule holds the manifest against it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFolders, kernelFolders, root, runMain } from './files.mjs';

const manifestPath = join(root, 'packages/kernels/package.json');

const entry = (source) => ({
  'tilewright-source': `./src/${source}.ts`,
  types: `./dist/${source}.d.ts`,
  default: `./dist/${source}.js`,
});

/**
 * `exports` as it should be: what is neither a kernel nor a weight format stays as it is, then an entry for each format and two
 * for each kernel.
 */
export function kernelExports(exports, kernels = kernelFolders(), formats = formatFolders()) {
  const isGenerated = (target) =>
    /^\.\/src\/[^/]+\/[^/]+\/(index|check)\.ts$/.test(target['tilewright-source'] ?? '');
  const others = Object.entries(exports).filter(([, target]) => !isGenerated(target));
  const [last] = others.splice(-1);
  return Object.fromEntries([
    ...others,
    ...formats.map((name) => [`./weights/${name}`, entry(`weights/${name}/index`)]),
    ...kernels.flatMap(({ name, path }) => [
      [`./${name}`, entry(`${path}/index`)],
      [`./${name}/check`, entry(`${path}/check`)],
    ]),
    last,
  ]);
}

/** What is wrong with the manifest's map; empty where nothing is. */
export function exportsViolations(exports) {
  if (JSON.stringify(exports) === JSON.stringify(kernelExports(exports))) return [];
  return [
    'packages/kernels/package.json: exports are not those of its kernels; run node tooling/src/kernel-exports.mjs',
  ];
}

await runMain(import.meta, async () => {
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
  manifest.exports = kernelExports(manifest.exports);
  writeFileSync(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`);
});
