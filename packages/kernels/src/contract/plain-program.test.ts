import { expect, test } from 'vitest';
import { assemble } from './assemble.ts';
import { defineKernel } from './define-kernel.ts';
import { plainProgram } from './plain-program.ts';

const kernel = defineKernel({
  name: 'probe',
  summary: 'a kernel without slots',
  axes: { rows: 'dynamic', columns: 'static' },
  inputs: { x: ['rows', 'columns'], bias: { shape: ['columns'], when: ['bias', true] } },
  outputs: { y: ['rows', 'columns'], ids: { shape: ['rows'], dtype: 'u32', inOut: true } },
  options: { bias: [false, true] },
  dtypes: ['f32', 'f16'],
  cost: () => ({ bytes: 0, flops: 0 }),
  variants: [],
});

test.each([false, true])('is what assemble makes of the same (bias: %s)', (bias) => {
  const problem = kernel.problem({
    axes: { rows: 2, columns: 8 },
    options: { bias },
    dtypes: { x: 'f16', y: 'f16' },
  });
  const shared = {
    kernel,
    problem,
    plan: { variant: 'only' },
    requires: ['subgroups', 'subgroup_id'] as const,
    constants: { SIZE: 8, EPS: { f32: 1 } },
    wgsl: ['// the file'],
  };
  const view = { width: 4 as const };
  expect(plainProgram({ ...shared, width: 4, workgroups: 'rows' })).toEqual(
    assemble({
      ...shared,
      views: { x: view, bias: view, y: view, ids: view },
      dispatches: [{ entryPoint: 'main', workgroups: 'rows' }],
    }),
  );
});
