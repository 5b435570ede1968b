import { expect, test } from 'vitest';
import { baselineCapabilities } from './capabilities.ts';
import { checkPlan, checkPlans } from './check-plans.ts';
import { checkProblem } from './check-problem.ts';
import type { KernelDefinition, ProblemInput, Program } from './contract.ts';
import { shapeOf } from './shape-of.ts';
import { defineKernel } from './define-kernel.ts';
import { isTilewrightError } from './errors.ts';
import type { Filling } from './filling.ts';

const plain: Filling = { id: 'plain', wgsl: () => '', reference: null };
const definition: KernelDefinition = {
  name: 'scale',
  axes: { rows: 'dynamic', columns: 'static' },
  inputs: { x: ['rows', 'columns'], bias: { shape: ['columns'], when: ['bias', true] } },
  outputs: { y: ['rows', 'columns'] },
  scalars: { factor: null, shift: 0.5 },
  options: { bias: [false, true], mode: ['fast', 'exact'], note: [''] },
  slots: { epilogue: { default: plain } },
  dtypes: ['f32', 'f16'],
  variants: [
    {
      name: 'wide',
      requires: ['subgroups', 'shader-f16'],
      plans: () => [{ variant: 'wide', tile: 8 }],
      program: () => ({ kernel: 'wide' }) as Program,
    },
    {
      name: 'baseline',
      supports: ({ axes }) => (axes.columns! < 100 ? true : `${axes.columns} columns are too many`),
      plans: () => [{ variant: 'baseline', tile: 1 }],
      program: () => ({ kernel: 'baseline' }) as Program,
    },
  ],
};
const kernel = defineKernel(definition);

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was thrown';
};
const refuse = (input: ProblemInput): string => refusal(() => checkProblem(kernel, input));
const axes = { rows: 2, columns: 3 };
const scalars = { factor: 2 };

test('a problem is completed with every default', () => {
  expect(kernel.problem({ axes, scalars })).toEqual({
    axes,
    dtypes: {},
    formats: {},
    scalars: { factor: 2, shift: 0.5 },
    options: { bias: false, mode: 'fast', note: '' },
    slots: { epilogue: plain },
    views: {},
  });
  expect(kernel.inputs.bias).toEqual({ shape: ['columns'], when: ['bias', true] });
  expect(kernel.outputs.y).toEqual({ shape: ['rows', 'columns'] });
});

test('a Problem made without its check passes over no name either', () => {
  const bound: Filling = { ...plain, bindings: { bias: { type: 'float' } } as never };
  const given = { axes, scalars };
  for (const [input, message] of [
    [{ ...given, dtypes: { z: 'f16' } }, '[scale] dtypes.z is unknown'],
    [{ ...given, formats: { w: {} } }, '[scale] formats.w is unknown'],
    [{ ...given, views: { w: {} } }, '[scale] views.w is unknown'],
    [{ ...given, dtypes: { 'epilogue.bias': 'f16' } }, '[scale] dtypes.epilogue.bias is unknown'],
    [{ ...given, dtype: {} }, '[scale] problem.dtype is unknown'],
  ] as const)
    expect(() => kernel.problem(input as ProblemInput)).toThrow(new RangeError(message));
  const dtypes = { x: 'f16', y: 'f16', 'epilogue.bias': 'f16' } as const;
  expect(kernel.problem({ ...given, dtypes, slots: { epilogue: bound } }).dtypes).toEqual(dtypes);
});

test('names that are none', () => {
  expect(refuse({ axes: { ...axes, depth: 1 }, scalars })).toBe(
    'bad-argument: [scale] axes.depth is unknown; the axes are rows, columns. Fix: remove it.',
  );
  expect(refuse({ axes, scalars: { ...scalars, alpha: 1 } })).toBe(
    'bad-argument: [scale] scalars.alpha is unknown; the scalars are factor, shift. Fix: remove it.',
  );
  expect(refuse({ axes, scalars, options: { gain: true } })).toBe(
    'bad-argument: [scale] options.gain is unknown; the options are bias, mode, note. Fix: remove it.',
  );
  expect(refuse({ axes, scalars, slots: { prologue: plain } })).toBe(
    "bad-argument: [scale] slots.prologue is unknown; the slots are epilogue. Fix: write 'epilogue'.",
  );
  expect(refuse({ axes, scalars, dtypes: { z: 'f16' } })).toBe(
    'bad-argument: [scale] dtypes.z is unknown; the tensors are x, bias, y. Fix: remove it.',
  );
  const table: Filling = { ...plain, bindings: { table: { shape: ['columns'], dtype: 'float' } } };
  expect(refuse({ axes, scalars, slots: { epilogue: table }, formats: { 'epilogue.tabel': null! } })).toBe(
    "bad-argument: [scale] formats.epilogue.tabel is unknown; the tensors are x, bias, y, epilogue.table. Fix: write 'epilogue.table'.",
  );
  expect(refuse({ axes, scalars, slots: { epilogue: table }, dtypes: { 'epilogue.table': 'f16' } })).toBe(
    'nothing was thrown',
  );
  const bare = defineKernel({ ...definition, slots: {} });
  expect(refusal(() => checkProblem(bare, { axes, scalars, slots: { prologue: plain } }))).toBe(
    'bad-argument: [scale] slots.prologue is unknown; the slots are none. Fix: remove it.',
  );
});

test('a kernel alone names what it cannot complete', () => {
  const messageOf = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return String(error);
    }
  };
  expect(messageOf(() => kernel.problem({ axes: { ...axes, depth: 1 }, scalars }))).toBe(
    'RangeError: [scale] axes.depth is unknown',
  );
  expect(messageOf(() => kernel.problem({ axes: { rows: 2 }, scalars }))).toBe(
    'RangeError: [scale] axes.columns is missing',
  );
  expect(messageOf(() => kernel.problem({ axes }))).toBe('RangeError: [scale] scalars.factor is missing');
  const strange = { axes, scalars, option: { mode: 'exact' } };
  expect(messageOf(() => kernel.problem(strange))).toBe('RangeError: [scale] problem.option is unknown');
  expect(messageOf(() => kernel.problem({ axes, scalars, options: { gain: true } }))).toBe(
    'RangeError: [scale] options.gain is unknown',
  );
  expect(messageOf(() => kernel.problem({ axes, scalars, slots: { prologue: plain } }))).toBe(
    'RangeError: [scale] slots.prologue is unknown',
  );
  expect(messageOf(() => kernel.program(kernel.problem({ axes, scalars }), { variant: 'narrow' }))).toBe(
    'RangeError: [scale] plan.variant is narrow',
  );
});

test('axes that are no size', () => {
  expect(refuse({ axes: { rows: 2 }, scalars })).toBe(
    "bad-argument: [scale] axes.columns is undefined; it must be a positive integer. Fix: give the size of 'columns' that the " +
      'tensors have.',
  );
  for (const size of [0, -1, 1.5, NaN, 2 ** 60])
    expect(refuse({ axes: { rows: size, columns: 3 }, scalars })).toBe(
      `bad-argument: [scale] axes.rows is ${size}; it must be a positive integer. Fix: give the size of 'rows' that the ` +
        'tensors have.',
    );
});

test('scalars that are missing or no number', () => {
  expect(refuse({ axes })).toBe(
    'bad-argument: [scale] scalars.factor is null; it must be a finite number. Fix: give a number.',
  );
  expect(refuse({ axes, scalars: { factor: Infinity } })).toBe(
    'bad-argument: [scale] scalars.factor is Infinity; it must be a finite number. Fix: give a number.',
  );
});

test('options: listed values, or anything of the type where one is listed', () => {
  expect(refuse({ axes, scalars, options: { mode: 'slow' } })).toBe(
    "bad-argument: [scale] options.mode is slow; it must be fast or exact. Fix: leave it out for 'fast'.",
  );
  expect(refuse({ axes, scalars, options: { note: 3 } })).toBe(
    "bad-argument: [scale] options.note is the number 3; it must be a string. Fix: leave it out for ''.",
  );
  expect(kernel.problem({ axes, scalars, options: { note: 'anything' } }).options.note).toBe('anything');
});

test('a word where another type belongs', () => {
  expect(refuse({ axes, scalars: { factor: '2' as never } })).toBe(
    'bad-argument: [scale] scalars.factor is the string 2; it must be a finite number. Fix: give a number.',
  );
  expect(refuse({ axes: { rows: '2' as never, columns: 3 }, scalars })).toBe(
    "bad-argument: [scale] axes.rows is the string 2; it must be a positive integer. Fix: give the size of 'rows' that the " +
      'tensors have.',
  );
});

test('a dtype the kernel does not store', () => {
  expect(refuse({ axes, scalars, dtypes: { x: 'i32' } })).toBe(
    "bad-dtype: [scale] dtypes.x is i32; it must be f32 or f16. Fix: store 'x' as f32.",
  );
});

test('validation of its own', () => {
  const strict = defineKernel({
    ...definition,
    validate: () => {
      throw new RangeError('never');
    },
  });
  expect(() => checkProblem(strict, { axes, scalars })).toThrowError(RangeError);
});

test('plans are of every variant that can run, in order of preference', () => {
  const problem = kernel.problem({ axes, scalars });
  const able = { ...baselineCapabilities, features: new Set(['subgroups', 'shader-f16'] as const) };
  expect(kernel.plans(problem, able)).toEqual([
    { variant: 'wide', tile: 8 },
    { variant: 'baseline', tile: 1 },
  ]);
  expect(kernel.plans(problem, baselineCapabilities)).toEqual([{ variant: 'baseline', tile: 1 }]);
});

test('no plan, and why of each variant', () => {
  const problem = kernel.problem({ axes: { rows: 1, columns: 100 }, scalars });
  expect(kernel.plans(problem, baselineCapabilities)).toEqual([]);
  expect(refusal(() => checkPlans(kernel, problem, baselineCapabilities))).toBe(
    'no-variant: [scale] no variant can run this problem on this device; wide: the device lacks subgroups, shader-f16; ' +
      'baseline: 100 columns are too many. Fix: change the problem, or run it on a device that has what is missing.',
  );
});

test('what a filling requires counts too', () => {
  const slots = { epilogue: { ...plain, requires: ['packed_4x8_integer_dot_product'] as const } };
  expect(
    refusal(() => checkPlans(kernel, kernel.problem({ axes, scalars, slots }), baselineCapabilities)),
  ).toContain(
    'wide: the device lacks subgroups, shader-f16, packed_4x8_integer_dot_product; ' +
      'baseline: the device lacks packed_4x8_integer_dot_product',
  );
});

test('a plan goes to its variant', () => {
  const problem = kernel.problem({ axes, scalars });
  expect(kernel.program(problem, { variant: 'wide' }).kernel).toBe('wide');
  const plans = [
    { variant: 'wide', rows: 4 },
    { variant: 'wide', rows: 8 },
  ];
  expect(checkPlan(kernel, { rows: 8, variant: 'wide' }, plans)).toEqual(plans[1]);
  expect(refusal(() => checkPlan(kernel, { variant: 'wide', rows: 16 }, plans))).toBe(
    'bad-argument: [scale] the Plan {"variant":"wide","rows":16} cannot run this Problem on this device; there are 2 that can, ' +
      'such as {"variant":"wide","rows":4}. Fix: choose one of the list that choosePlan is given.',
  );
  expect(refusal(() => checkPlan(kernel, undefined as never, plans))).toContain(
    'the Plan undefined cannot run',
  );
});

test('axes and shapes that an option brings along', () => {
  const packed = defineKernel({
    ...definition,
    axes: { ...definition.axes, tokens: 'dynamic' },
    axesWhen: { tokens: ['bias', true] },
    inputs: { x: { shape: ['rows', 'columns'], shapeWhen: ['bias', true, ['tokens', 'columns']] } },
  });
  const plainProblem = packed.problem({ axes, scalars });
  expect(plainProblem.axes).toEqual(axes);
  expect(shapeOf(packed.inputs.x, plainProblem.options)).toEqual(['rows', 'columns']);
  expect(refusal(() => checkProblem(packed, { axes: { ...axes, tokens: 5 }, scalars }))).toBe(
    'bad-argument: [scale] axes.tokens is unknown; the axes are rows, columns. Fix: remove it.',
  );
  const problem = packed.problem({ axes: { ...axes, tokens: 5 }, scalars, options: { bias: true } });
  expect(problem.axes).toEqual({ ...axes, tokens: 5 });
  expect(shapeOf(packed.inputs.x, problem.options)).toEqual(['tokens', 'columns']);
  expect(refusal(() => checkProblem(packed, { axes, scalars, options: { bias: true } }))).toBe(
    "bad-argument: [scale] axes.tokens is undefined; it must be a positive integer. Fix: give the size of 'tokens' that the " +
      'tensors have.',
  );
});
