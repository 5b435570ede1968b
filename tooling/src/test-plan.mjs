// Which test runs a machine gets: each is its own vitest process, with its own adapter and profile.

import { kernelFolders } from './files.mjs';

const kernels = kernelFolders().map(({ path }) => `packages/kernels/src/${path}/`);
/** What the slow second adapter repeats: the kernels' f32 baselines, the model, the conformance vectors. */
const subset = [...kernels, 'packages/models/', 'conformance'];

const run = (name, adapter, profile, files, env = {}) => ({
  name,
  files,
  env: { TILEWRIGHT_TEST_ADAPTER: adapter, TILEWRIGHT_TEST_PROFILE: profile, ...env },
});

/**
 * Mesa compiles a third faster without LLVM's optimizations. The run with the most shaders goes without; the profiles
 * after it meet every f32 variant of the kernels' own tests with them.
 */
const unoptimized = { GALLIVM_PERF: 'nopt' };

/**
 * The runs for what is there, and those that are left out. `found` says of lavapipe and swiftshader why each is
 * missing, or `true`; elsewhere than on Linux the machine's own adapter takes their place.
 */
export function planRuns(platform, found) {
  const main = platform !== 'linux' ? 'gpu' : found.lavapipe === true ? 'lavapipe' : 'swiftshader';
  const runs = [
    run(`everything on ${main}`, main, 'default', [], main === 'lavapipe' ? unoptimized : {}),
    run('every variant on the null backend', 'null', 'default', kernels),
    run(`no features and default limits on ${main}`, main, 'floor', kernels),
    run(`robustness off on ${main}`, main, 'no-robustness', kernels),
  ];
  if (platform !== 'linux') return { runs, leftOut: [] };
  if (main === 'swiftshader') {
    const leftOut = `everything on lavapipe, and its other subgroup sizes: ${found.lavapipe}`;
    return {
      runs: found.swiftshader === true ? runs : [],
      leftOut: [leftOut, ...missing(found.swiftshader)],
    };
  }
  for (const bits of [128, 512]) {
    runs.push(
      run(`subgroups of ${bits / 32} on lavapipe`, 'lavapipe', 'subgroups', kernels, {
        LP_NATIVE_VECTOR_WIDTH: `${bits}`,
      }),
    );
  }
  if (found.swiftshader === true)
    runs.push(run('the subset on swiftshader', 'swiftshader', 'default', subset));
  return { runs, leftOut: missing(found.swiftshader) };
}

const missing = (swiftshader) => (swiftshader === true ? [] : [`everything on swiftshader: ${swiftshader}`]);

/** Sums vitest's JSON report; `undefined` stands for a run that wrote none. A broken file counts as one failure. */
export function countTests(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0, skippedNames: [] };
  const files = report.testResults;
  const tests = files.flatMap((file) => file.assertionResults);
  const withStatus = (...names) => tests.filter((each) => names.includes(each.status));
  const broken = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((each) => each.status === 'failed'),
  ).length;
  const failed = withStatus('failed').length + broken;
  const skipped = withStatus('pending', 'skipped', 'todo', 'disabled');
  return {
    passed: withStatus('passed').length,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: skipped.length,
    skippedNames: skipped.map((each) => each.fullName),
  };
}
