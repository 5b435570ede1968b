// What a caller may get wrong of a Problem, said with what there is and what was most likely meant. Beside the kernel: a page
// whose Problems are right ships none of it; the runtime and graphs ask here for each of theirs.
import { holds } from './bindings.ts';
import type { Kernel, Problem, ProblemInput } from './contract.ts';
import { demand, demandNames } from './check-options.ts';
import { TilewrightError } from './errors.ts';
import { aKindOf, shownNumber } from './kind-of.ts';
import { renameFix } from './nearest-name.ts';

/**
 * `kernel.problem(input)`, after a check of everything in `input`. Throws `bad-argument` and `bad-dtype` for names, sizes, numbers,
 * options, storage types and views that the contract does not have, and what the kernel's own validation throws.
 */
export function checkProblem(kernel: Kernel, input: ProblemInput): Problem {
  const { name: subject, definition } = kernel;
  const tensors = [
    ...Object.keys({ ...kernel.inputs, ...kernel.outputs }),
    ...Object.entries(definition.slots ?? {}).flatMap(([slot, { default: plain }]) =>
      Object.keys((input.slots?.[slot] ?? plain).bindings ?? {}).map((binding) => `${slot}.${binding}`),
    ),
  ];
  for (const field of ['dtypes', 'formats'] as const)
    demandNames(
      subject,
      input[field] ?? {},
      tensors,
      (name) => `${field}.${name} is unknown`,
      'the tensors are',
    );
  for (const [name, dtype] of Object.entries(input.dtypes ?? {})) {
    const valid = name.includes('.') || definition.dtypes.includes(dtype);
    const requirement = `it must be ${definition.dtypes.join(' or ')}`;
    const fix = `store '${name}' as ${definition.dtypes[0]}`;
    demand(subject, `dtypes.${name}`, dtype, valid, requirement, fix, 'bad-dtype');
  }
  const options: Record<string, Problem['options'][string]> = {};
  checkNames(subject, 'options', definition.options, input.options, (value, allowed, what, name) => {
    const chosen = value ?? allowed[0];
    const [type, free] = [typeof allowed[0], allowed.length === 1];
    const valid = free ? typeof chosen === type : allowed.includes(chosen);
    const isOfType = typeof chosen === type;
    const otherwise = `leave it out for ${type === 'string' ? `'${allowed[0]}'` : allowed[0]}`;
    const fix = free || !isOfType ? otherwise : renameFix(String(chosen), allowed.map(String), otherwise);
    demand(
      subject,
      what,
      isOfType ? chosen : aKindOf(chosen),
      valid,
      `it must be ${free ? `a ${type}` : allowed.join(' or ')}`,
      fix,
    );
    options[name] = chosen;
  });
  const axes = Object.entries(definition.axes).filter(([name]) =>
    holds(definition.axesWhen?.[name], options),
  );
  checkNames(subject, 'axes', Object.fromEntries(axes), input.axes, (size, _, what, name) => {
    const fix = `give the size of '${name}' that the tensors have`;
    demand(
      subject,
      what,
      shownNumber(size),
      Number.isSafeInteger(size) && size! > 0,
      'it must be a positive integer',
      fix,
    );
  });
  checkNames(subject, 'scalars', definition.scalars, input.scalars, (value, fallback, what) => {
    const number = value ?? fallback;
    const fix = typeof fallback === 'number' ? `leave it out for ${fallback}` : 'give a number';
    demand(subject, what, shownNumber(number), Number.isFinite(number), 'it must be a finite number', fix);
  });
  checkNames(subject, 'slots', definition.slots, input.slots, () => undefined);
  const problem = kernel.problem(input);
  for (const [name, view] of Object.entries(problem.views)) {
    if (typeof view.check !== 'function')
      throw new TilewrightError('bad-argument', {
        subject,
        problem: `views.${name} is ${JSON.stringify(view)}`,
        requirement: 'a view brings the accessors of its rows',
        fix: 'make it by rowView({ stride, offset }) of @tilewright/kernels',
      });
    view.check(kernel, problem, name);
  }
  return problem;
}

/** Refuses a name that is not known, and has `check` look at the value of each that is. */
function checkNames<Known, Value>(
  subject: string,
  field: 'axes' | 'scalars' | 'options' | 'slots',
  known: Readonly<Record<string, Known>> = {},
  values: Readonly<Record<string, Value>> = {},
  check: (value: Value | undefined, known: Known, what: string, name: string) => void,
): void {
  const names = Object.keys(known);
  demandNames(subject, values, names, (name) => `${field}.${name} is unknown`, `the ${field} are`);
  for (const [name, contract] of Object.entries(known))
    check(values[name], contract, `${field}.${name}`, name);
}
