// What a caller may get wrong of a Problem, said with what there is and what was most likely meant. Beside the kernel: a page
// whose Problems are right ships none of it; the runtime and graphs ask here for each of theirs.
import { holds, rowLength } from './bindings.ts';
import type { Problem, ProblemInput, TensorContract } from './contract.ts';
import { demand, demandNames } from './check-options.ts';
import { TilewrightError } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { renameFix } from './nearest-name.ts';

/**
 * `kernel.problem(input)`, after a check of everything in `input`. Throws `bad-argument` and `bad-dtype` for names, sizes, numbers,
 * options, storage types and views that the contract does not have, and what the kernel's own validation throws.
 */
export function checkProblem(kernel: Kernel, input: ProblemInput): Problem {
  const { name: subject, definition } = kernel;
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
    const otherwise = `leave it out for '${allowed[0]}'`;
    const fix = free ? otherwise : renameFix(String(chosen), allowed.map(String), otherwise);
    demand(subject, what, chosen, valid, `it must be ${free ? `a ${type}` : allowed.join(' or ')}`, fix);
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
      size,
      Number.isSafeInteger(size) && size! > 0,
      'it must be a positive integer',
      fix,
    );
  });
  checkNames(subject, 'scalars', definition.scalars, input.scalars, (value, fallback, what) => {
    const number = value ?? fallback;
    const fix = typeof fallback === 'number' ? `leave it out for ${fallback}` : 'give a number';
    demand(subject, what, number, Number.isFinite(number), 'it must be a finite number', fix);
  });
  checkNames(subject, 'slots', definition.slots, input.slots, () => undefined);
  const problem = kernel.problem(input);
  for (const name in problem.views) checkView(kernel, problem, name);
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

/** Refuses a view of a tensor that the kernel reads as it lies, and rows that cannot lie so. */
function checkView(kernel: Kernel, problem: Problem, name: string): void {
  const viewable = Object.entries<TensorContract>({ ...kernel.inputs, ...kernel.outputs })
    .filter(([, { order }]) => order === 'rows')
    .map(([tensor]) => tensor);
  const [what, view] = [`views.${name}`, problem.views[name]!];
  const requirement = `rows may lie apart in ${viewable.join(', ') || 'no tensor'}`;
  const fix = `leave it out, and copy the rows together`;
  demand(kernel.name, what, JSON.stringify(view), viewable.includes(name), requirement, fix);
  if (typeof view.declare !== 'function')
    throw new TilewrightError('bad-argument', {
      subject: kernel.name,
      problem: `${what} is ${JSON.stringify(view)}`,
      requirement: 'a view brings the accessors of its rows',
      fix: 'make it by rowView({ stride, offset }) of @tilewright/kernels',
    });
  for (const part of ['stride', 'offset'] as const) {
    const least = part === 'stride' && name in kernel.outputs ? rowLength(kernel, problem, name) : 0;
    const distance = view[part];
    const [value, from] = typeof distance === 'number' ? [distance, least] : [distance.multipleOf, 1];
    const valid = Number.isSafeInteger(value) && value >= from;
    const nearest = `give ${from} or more`;
    demand(kernel.name, `${what}.${part}`, value, valid, `it must be an integer from ${from} on`, nearest);
  }
}
