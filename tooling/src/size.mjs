// Bundles each entry of budgets.json from the built packages, as a page's bundler would, and fails when one is larger
// than its budget or carries the shaders of kernels it does not name; `element` is the demo's own script, as it is
// served. Run `npm run build` first.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { elementScript } from '../../apps/demo/bundle.mjs';
import { withoutComments } from './build.mjs';
import { filesBelow, kernelFolders, root, runMain } from './files.mjs';

/** Bundles `code` for a page; throws, with esbuild's words, for an entry that does not exist. */
async function bundle({ code, external = [] }) {
  const result = await build({
    stdin: { contents: code, resolveDir: join(root, 'tooling') },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external,
    logLevel: 'silent',
  });
  return result.outputFiles[0].text;
}

/** The kernels whose shaders `bundled` carries, found by the lines of each that no other kernel has. */
export function shadersIn(bundled, source) {
  const bundledLines = new Set(bundled.split(/\n|\\n|["'`]/));
  const linesOf = new Map(
    kernelFolders(source).map(({ name, path }) => [name, plainLines(join(source, path))]),
  );
  return [...linesOf.keys()].filter((name) => {
    const others = new Set([...linesOf].flatMap(([other, lines]) => (other === name ? [] : [...lines])));
    return [...linesOf.get(name)].some((line) => !others.has(line) && bundledLines.has(line));
  });
}

/** The longer lines of a folder's shaders that a minified string literal holds as they are. */
function plainLines(folder) {
  const shaders = filesBelow(folder).filter((file) => file.endsWith('.wgsl'));
  const lines = shaders.flatMap((file) => withoutComments(readFileSync(file, 'utf8')).split('\n'));
  return new Set(
    lines.filter((line) => line.trim().length > 12 && /^[ -~]+$/.test(line) && !/[\\"'`$]/.test(line)),
  );
}

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
  // `| head` has seen enough; the budgets are checked to the end.
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const kernels = join(root, 'packages/kernels');
  if (!existsSync(join(kernels, 'dist/index.js')))
    throw new Error('the packages are not built: npm run build');
  const budgets = JSON.parse(readFileSync(join(root, 'tooling/budgets.json'), 'utf8'));
  const problems = [];
  for (const budget of budgets) {
    try {
      const text = budget.element === true ? await elementScript() : await bundle(budget);
      const found = shadersIn(text, join(kernels, 'src'));
      const result = budgetProblems(budget, text, found);
      console.log(
        `${result.size} of ${budget.limitBytes} bytes gzip, kernels: ${found.length}; ${budget.name}`,
      );
      problems.push(...result.problems);
    } catch (error) {
      problems.push(`${budget.name}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\nerror: '));
}

await runMain(import.meta, main);
