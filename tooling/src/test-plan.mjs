// Which test runs a machine gets: each is a project of vitest, with its own adapter and profile. All share the workers, so
// that every core has something to do until the last file.

/** All test files but those of the other runs. */
export const everything = {
  include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tooling/src/**/*.test.{ts,mjs}'],
  exclude: ['tooling/src/profiles/**', 'tooling/src/deno/**'],
};

/** The kernels' own checks, and nothing that runs on the host or compares kernels with each other. */
const kernels = { include: ['tooling/src/profiles/*.test.ts'], exclude: [] };
/** A second implementation of WebGPU; the adapter is the one that Node is compared on. */
const deno = { include: ['tooling/src/deno/deno.test.ts'], exclude: [] };
/** What the slow second adapter repeats: the kernels' f32 baselines, the model, the conformance vectors. */
const subset = {
  include: [...kernels.include, 'packages/models/src/**/*.test.ts', 'tooling/src/conformance/*.test.ts'],
  exclude: [],
};

const run = (name, adapter, profile, files, env = {}) => ({
  name,
  files,
  env: { TILEWRIGHT_TEST_ADAPTER: adapter, TILEWRIGHT_TEST_PROFILE: profile, ...env },
});

/**
 * Mesa compiles a third faster without LLVM's optimizations. The two runs with the most shaders go without; robustness off
 * and subgroups of 4 and 16 meet every f32 variant of the kernels' own tests with them.
 */
const unoptimized = { GALLIVM_PERF: 'nopt' };

/**
 * The runs for what is there, and those that are left out. `found` says of
 * lavapipe and swiftshader why each is missing, or `true`; elsewhere than on Linux the machine's own adapter takes
 * their place.
 */
export function planRuns(platform, found) {
  const main = platform !== 'linux' ? 'gpu' : found.lavapipe === true ? 'lavapipe' : 'swiftshader';
  const fast = main === 'lavapipe' ? unoptimized : {};
  const runs = [
    run(`everything on ${main}`, main, 'default', everything, fast),
    run('every variant on the null backend', 'null', 'default', kernels),
    run(`no features and default limits on ${main}`, main, 'floor', kernels, fast),
    run(`robustness off on ${main}`, main, 'no-robustness', kernels),
    run(`Deno on ${main}`, main, 'default', deno, fast),
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
  for (const size of [32, 64, 128]) {
    const emulated = { ...unoptimized, TILEWRIGHT_TEST_SUBGROUP: `${size}` };
    runs.push(run(`subgroups of ${size}, emulated on lavapipe`, 'lavapipe', 'emulated', kernels, emulated));
  }
  if (found.swiftshader === true)
    runs.push(run('the subset on swiftshader', 'swiftshader', 'default', subset));
  return { runs, leftOut: missing(found.swiftshader) };
}

const missing = (swiftshader) => (swiftshader === true ? [] : [`everything on swiftshader: ${swiftshader}`]);

/** What became of a test of vitest, which leaves those of a skipped suite within a skipped suite pending. */
export const stateOf = (test) =>
  test.parent.type === 'suite' && test.parent.options.mode === 'skip' ? 'skipped' : test.result().state;

/**
 * What the test files of one run came to. A file: `{ seconds, broken, tests: { name, state, note, remembered }[] }`, `broken`
 * where it failed outside of its tests; that counts as one failure, as does a run without a test.
 */
export function countTests(files) {
  const tests = files.flatMap((file) => file.tests);
  const withState = (state) => tests.filter((test) => test.state === state);
  const broken = files.filter((file) => file.broken).length;
  const unfinished = tests.filter(({ state }) => !['passed', 'failed', 'skipped'].includes(state)).length;
  return {
    passed: withState('passed').length,
    failed: tests.length === 0 ? Math.max(1, broken) : withState('failed').length + broken + unfinished,
    skipped: withState('skipped').length,
    skippedNames: withState('skipped').map(({ name, note }) => (note ? `${name}: ${note}` : name)),
    remembered: tests.filter(({ remembered }) => remembered > 0).length,
    seconds: files.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

/** Files whose shaders take the longest to compile go first, so that none of them is left over for one core at the end. */
const slow = [/\/(half-|deno)/, /attention/, /(matmul|gemv|gate-up)\./, /\/(models|conformance|cli|demo)\//];

/** Sorts by the seconds that files took the last time, where they are known, or by what they are. */
export const slowestFirst = (files, pathOf, secondsOf) => {
  const rank = (file) => slow.findIndex((pattern) => pattern.test(pathOf(file))) + 1 || slow.length + 1;
  return files.toSorted(
    (a, b) =>
      (secondsOf(b) ?? 0) - (secondsOf(a) ?? 0) || rank(a) - rank(b) || (pathOf(a) < pathOf(b) ? -1 : 1),
  );
};
