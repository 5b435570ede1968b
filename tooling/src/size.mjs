// Bundles each entry of budgets.json from the built packages, as a page's bundler would, and fails when one is larger
// than its budget or carries the shaders of kernels it does not name. Run `npm run build` first.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { filesBelow, root, runMain } from './files.mjs';

/** Bundles for a page; throws, with esbuild's words, for an entry that does not exist. */
async function bundle({ code, entry, external = [] }) {
  const source =
    entry === undefined
      ? { stdin: { contents: code, resolveDir: join(root, 'tooling') } }
      : { entryPoints: [entry] };
  const result = await build({
    ...source,
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external,
    loader: { '.wgsl': 'text' },
    logLevel: 'silent',
  });
  return result.outputFiles[0].text;
}

/** The kernels whose shaders `bundled` carries, found by a line of each that survives minifying. */
export function shadersIn(bundled, kernelsFolder) {
  return readdirSync(kernelsFolder).filter((name) =>
    filesBelow(join(kernelsFolder, name))
      .filter((file) => file.endsWith('.wgsl'))
      .some((file) => bundled.includes(telltale(readFileSync(file, 'utf8')))),
  );
}

/** The longest line of plain characters: nothing that a string literal would escape. */
const telltale = (wgsl) =>
  wgsl
    .split('\n')
    .filter((line) => /^[ -~]+$/.test(line) && !/[\\"'`$]/.test(line))
    .reduce((longest, line) => (line.length > longest.length ? line : longest));

/** What is wrong with a bundle of `text`; empty when it keeps its budget. */
export function budgetProblems({ name, limitBytes, shaders }, text, found) {
  const size = gzipSync(text, { level: 9 }).length;
  const problems = [];
  if (size > limitBytes) problems.push(`${name}: ${size} bytes gzip, over its budget of ${limitBytes}`);
  const expected = shaders ?? found;
  if (expected.join() !== found.join()) {
    problems.push(
      `${name}: carries the shaders of ${found.join(', ') || 'no kernel'}; expected ${expected.join(', ')}`,
    );
  }
  return { size, problems };
}

async function main() {
  const kernels = join(root, 'packages/kernels');
  if (!existsSync(join(kernels, 'dist/index.js')))
    throw new Error('the packages are not built: npm run build');
  const budgets = JSON.parse(readFileSync(join(root, 'tooling/budgets.json'), 'utf8'));
  for (const budget of budgets) {
    const text = await bundle(budget);
    const found = shadersIn(text, join(kernels, 'src/kernels'));
    const { size, problems } = budgetProblems(budget, text, found);
    console.log(`${size} of ${budget.limitBytes} bytes gzip, ${found.length} kernels: ${budget.name}`);
    for (const problem of problems) console.error(`error: ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  }
}

await runMain(import.meta, main);
