import { expect, test } from 'vitest';
import { countTests, planRuns, slowestFirst, stateOf } from './test-plan.mjs';

const names = (plan) => plan.runs.map((run) => run.name);

test('a machine with both software adapters runs everything', () => {
  const plan = planRuns('linux', { lavapipe: true, swiftshader: true });
  expect(names(plan)).toEqual([
    'everything on lavapipe',
    'every variant on the null backend',
    'no features and default limits on lavapipe',
    'robustness off on lavapipe',
    'Deno on lavapipe',
    'subgroups of 4 on lavapipe',
    'subgroups of 16 on lavapipe',
    'subgroups of 32, emulated on lavapipe',
    'subgroups of 64, emulated on lavapipe',
    'subgroups of 128, emulated on lavapipe',
    'the subset on swiftshader',
  ]);
  const unoptimized = plan.runs.filter(({ env }) => env.GALLIVM_PERF === 'nopt');
  expect(unoptimized.map(({ name }) => name)).toEqual([
    'everything on lavapipe',
    'no features and default limits on lavapipe',
    'Deno on lavapipe',
    'subgroups of 32, emulated on lavapipe',
    'subgroups of 64, emulated on lavapipe',
    'subgroups of 128, emulated on lavapipe',
  ]);
  expect(plan.runs[6].env).toEqual({
    TILEWRIGHT_TEST_ADAPTER: 'lavapipe',
    TILEWRIGHT_TEST_PROFILE: 'subgroups',
    LP_NATIVE_VECTOR_WIDTH: '512',
  });
  expect(plan.leftOut).toEqual([]);
});

test('what cannot run is named', () => {
  const embedded = planRuns('linux', { lavapipe: 'not installed', swiftshader: true });
  expect(names(embedded)[0]).toBe('everything on swiftshader');
  expect(embedded.leftOut).toEqual(['everything on lavapipe, and its other subgroup sizes: not installed']);
  const nothing = planRuns('linux', { lavapipe: 'not installed', swiftshader: 'no package' });
  expect(nothing.runs).toEqual([]);
  expect(nothing.leftOut).toEqual([
    'everything on lavapipe, and its other subgroup sizes: not installed',
    'everything on swiftshader: no package',
  ]);
  expect(planRuns('linux', { lavapipe: true, swiftshader: 'no package' }).leftOut).toEqual([
    'everything on swiftshader: no package',
  ]);
  const mac = planRuns('darwin', {}).runs[0];
  expect([mac.name, mac.env.GALLIVM_PERF]).toEqual(['everything on gpu', undefined]);
});

const file = (broken, ...states) => ({
  seconds: 2,
  broken,
  tests: states.map((state, index) => ({
    state,
    name: `t${index}`,
    note: state === 'skipped' ? 'why' : undefined,
    remembered: index,
  })),
});

test('tests are counted by state, and nothing that broke counts as nothing', () => {
  expect(countTests([file(false, 'passed', 'skipped', 'passed'), file(false, 'failed', 'passed')])).toEqual({
    passed: 3,
    failed: 1,
    skipped: 1,
    skippedNames: ['t1: why'],
    remembered: 3,
    seconds: 4,
  });
  expect(countTests([file(true), file(false, 'passed')]).failed).toBe(1);
  expect(countTests([file(false, 'passed', 'pending')]).failed).toBe(1);
  expect(countTests([]).failed).toBe(1);
  expect(countTests([file(true)]).failed).toBe(1);
});

test('a test that was not reached is skipped only where its suite is', () => {
  const within = (parent) => stateOf({ result: () => ({ state: 'pending' }), parent });
  expect(within({ type: 'suite', options: { mode: 'skip' } })).toBe('skipped');
  expect(within({ type: 'suite', options: { mode: 'run' } })).toBe('pending');
  expect(within({ type: 'module' })).toBe('pending');
});

test('files that took or will take long go first', () => {
  const seconds = { 'core/extent.test.ts': 1, 'core/errors.test.ts': 9 };
  const files = [
    'core/a.test.ts',
    'core/extent.test.ts',
    'products/gemv.test.ts',
    'core/errors.test.ts',
    'attention/flash-attention.test.ts',
    'profiles/half-1.test.ts',
  ];
  const sorted = slowestFirst(
    files,
    (path) => path,
    (path) => seconds[path],
  );
  expect(sorted.map((path) => files.indexOf(path))).toEqual([3, 1, 5, 4, 2, 0]);
});
