import { expect, test } from 'vitest';
import { countTests, planRuns } from './test-plan.mjs';

const names = (plan) => plan.runs.map((run) => run.name);

test('a machine with both software adapters runs everything', () => {
  const plan = planRuns('linux', { lavapipe: true, swiftshader: true });
  expect(names(plan)).toEqual([
    'everything on lavapipe',
    'every variant on the null backend',
    'no features and default limits on lavapipe',
    'robustness off on lavapipe',
    'subgroups of 4 on lavapipe',
    'subgroups of 16 on lavapipe',
    'the subset on swiftshader',
  ]);
  expect(plan.runs[0].env.GALLIVM_PERF).toBe('nopt');
  expect(plan.runs[5].env).toEqual({
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

const file = (status, ...statuses) => ({
  status,
  assertionResults: statuses.map((each, index) => ({ status: each, fullName: `t${index}` })),
});

test('tests are counted by status, and nothing that broke counts as nothing', () => {
  const report = {
    testResults: [file('passed', 'passed', 'skipped', 'todo'), file('failed', 'failed', 'passed')],
  };
  expect(countTests(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 2, skippedNames: ['t1', 't2'] });
  expect(countTests({ testResults: [file('failed')] }, 1).failed).toBe(1);
  expect(countTests({ testResults: [file('passed', 'passed')] }, 1).failed).toBe(1);
  expect(countTests(undefined, 0).failed).toBe(1);
});
