// `npm test`: builds, finds or installs software adapters, checks types and house rules, then runs the tests once per
// adapter and profile. What passed before and did not change is remembered, and said so. The last line counts everything:
// `N passed, N failed, N skipped`.
//   --system   install system packages where they are missing (as root)
//   --all      also what CI asks for: format, sizes, packages; every adapter must be there, and nothing is remembered
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { root, runMain } from './files.mjs';
import { noPassedFiles, passedFiles, treeHash } from './passed-files.mjs';
import { forgetOld, passedFolder } from './passed-folder.mjs';
import { runTests } from './run-tests.mjs';
import { planRuns } from './test-plan.mjs';

const { values: options } = parseArgs({ options: { system: { type: 'boolean' }, all: { type: 'boolean' } } });
const total = { passed: 0, failed: 0, skipped: 0 };

/** CI, and `--all`, start cold: what passed before counts for nothing. */
const remembers = !options.all && !process.env.CI;

const secondsSince = (startedAt) => (Date.now() - startedAt) / 1000;

function add(name, seconds, counts, remembered = 0, notes = []) {
  for (const key of Object.keys(total)) total[key] += counts[key];
  const known = remembered > 0 ? ` (${remembered} remembered)` : '';
  console.log(
    `-- ${name}: ${counts.passed} passed${known}, ${counts.failed} failed, ${counts.skipped} skipped (${seconds.toFixed(0)} s)`,
  );
  for (const note of notes) console.log(`   ${note}`);
}

function command(file, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' });
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

async function check(name, script) {
  const startedAt = Date.now();
  const failed = (await command('npm', ['run', '--silent', script])) === 0 ? 0 : 1;
  add(name, secondsSince(startedAt), { passed: 1 - failed, failed, skipped: 0 });
  return failed === 0;
}

/** For each software adapter, `true` or why there is none, and the lines that name them; lavapipe is installed where that is allowed. */
async function findAdapters() {
  if (process.platform !== 'linux') return { found: {}, lines: [] };
  const { selectAdapter } = await import('../../packages/bench/dist/adapter/index.js');
  const found = {};
  const lines = [];
  for (const choice of ['lavapipe', 'swiftshader']) {
    try {
      const system = choice === 'lavapipe' ? options.system : false;
      const { line } = await selectAdapter({ choice, system, log: console.log });
      console.log(line);
      lines.push(line);
      found[choice] = true;
    } catch (error) {
      found[choice] = error.message;
    }
  }
  return { found, lines };
}

/** Test files that passed with the same files here, the same Node and the same `adapters`, lines that name them. */
function rememberedFiles(adapters) {
  if (!remembers) return noPassedFiles;
  forgetOld();
  const settings = Object.entries(process.env).filter(([name]) => /^(TILEWRIGHT|LP|GALLIVM)_/.test(name));
  const machine = [process.version, process.platform, process.arch, JSON.stringify(settings.toSorted())];
  return passedFiles(join(passedFolder, 'files'), treeHash(root, [...machine, ...adapters]));
}

/** All runs side by side; the seconds of a run are those that its files took, waiting for a core included. */
async function runAll(runs, adapters) {
  const files = rememberedFiles(adapters);
  process.env.TILEWRIGHT_TEST_MEMORY = remembers ? 'on' : 'off';
  const startedAt = Date.now();
  const { counts, errors } = await runTests(runs, files);
  console.log('');
  for (const { name, seconds, remembered, skippedNames, ...rest } of counts) {
    const notes = skippedNames.map((skipped) => `skipped: ${skipped}`);
    add(name, seconds, rest, remembered, notes);
  }
  for (const error of errors) {
    console.error(error);
    total.failed++;
  }
  console.log(`-- all runs: ${secondsSince(startedAt).toFixed(0)} s`);
}

async function everything() {
  if (!(await check('build', 'build:js'))) return;
  const { found, lines } = await findAdapters();
  const { runs, leftOut } = planRuns(process.platform, found);
  await check('types', 'check:types');
  await check('lint', 'lint');
  if (options.all) {
    await check('format', 'format:check');
    await check('sizes', 'size');
    await check('packages', 'pack:check');
  }
  if (runs.length > 0) await runAll(runs, lines);
  for (const reason of leftOut) console.log(`\nnot run: ${reason}`);
  if (runs.length === 0 || (options.all && leftOut.length > 0)) total.failed++;
}

await runMain(import.meta, async () => {
  try {
    await everything();
  } catch (error) {
    console.error(error);
    total.failed++;
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  if (total.failed > 0) process.exitCode = 1;
});
