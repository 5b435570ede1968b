// `npm test`: builds, finds or installs software adapters, checks types and house rules, then runs the tests once per
// adapter and profile, each in its own process. The last line counts everything: `N passed, N failed, N skipped`.
//   --system   install system packages where they are missing (as root)
//   --all      also what CI asks for: format, sizes, packages; and every adapter must be there
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, runMain } from './files.mjs';
import { countTests, planRuns } from './test-plan.mjs';

const { values: options } = parseArgs({ options: { system: { type: 'boolean' }, all: { type: 'boolean' } } });
const total = { passed: 0, failed: 0, skipped: 0 };

function add(name, startedAt, counts, notes = []) {
  for (const key of Object.keys(total)) total[key] += counts[key];
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  console.log(
    `-- ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)`,
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
  add(name, startedAt, { passed: 1 - failed, failed, skipped: 0 });
  return failed === 0;
}

/** For each software adapter, `true` or why there is none; lavapipe is installed where that is allowed. */
async function findAdapters() {
  if (process.platform !== 'linux') return {};
  const { selectAdapter } = await import('../../packages/bench/dist/adapter/index.js');
  const found = {};
  for (const choice of ['lavapipe', 'swiftshader']) {
    try {
      const system = choice === 'lavapipe' ? options.system : false;
      console.log((await selectAdapter({ choice, system, log: console.log })).line);
      found[choice] = true;
    } catch (error) {
      found[choice] = error.message;
    }
  }
  return found;
}

async function vitest({ name, env, files }) {
  const startedAt = Date.now();
  console.log(`\n-- ${name}`);
  const file = join(mkdtempSync(join(tmpdir(), 'tilewright-test-')), 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const exitCode = await command(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...files],
    env,
  );
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The process died before its report: countTests makes that a failure.
  }
  const counts = countTests(report, exitCode);
  add(
    name,
    startedAt,
    counts,
    counts.skippedNames.map((each) => `skipped: ${each}`),
  );
}

async function everything() {
  if (!(await check('build', 'build:js'))) return;
  const { runs, leftOut } = planRuns(process.platform, await findAdapters());
  await check('types', 'check:types');
  await check('lint', 'lint');
  if (options.all) {
    await check('format', 'format:check');
    await check('sizes', 'size');
    await check('packages', 'pack:check');
  }
  for (const run of runs) await vitest(run);
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
