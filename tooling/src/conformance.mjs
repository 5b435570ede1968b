// `npm run conformance`: bundles the runner, which is TypeScript, and starts it. The packages must be built.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root, runMain } from './files.mjs';

await runMain(import.meta, async () => {
  const outfile = join(root, 'tooling/dist/conformance.js');
  await build({
    entryPoints: [join(root, 'tooling/src/conformance/bin.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  await import(pathToFileURL(outfile).href);
});
