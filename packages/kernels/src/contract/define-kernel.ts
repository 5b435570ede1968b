import { holds, rowLength } from './bindings.ts';
import type { Capabilities } from './capabilities.ts';
import type {
  KernelDefinition,
  Plan,
  Problem,
  ProblemInput,
  Program,
  TensorContract,
  Variant,
} from './contract.ts';
import { type ErrorCode, TilewrightError } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { renameFix } from './nearest-name.ts';

export type { Kernel } from './kernel.ts';

/**
 * Makes a kernel from its contract. Call sites carry a pure annotation, so that bundlers drop unused kernels.
 */
export function defineKernel<Input extends string, Output extends string>(
  definition: Omit<KernelDefinition, 'inputs' | 'outputs'> & {
    readonly inputs: Readonly<Record<Input, readonly string[] | TensorContract>>;
    readonly outputs: Readonly<Record<Output, readonly string[] | TensorContract>>;
  },
): Kernel<Input, Output> {
  const { name, variants } = definition;
  const contract = {
    name,
    definition,
    inputs: contractTensors(definition.inputs) as Record<Input, TensorContract>,
    outputs: contractTensors(definition.outputs) as Record<Output, TensorContract>,
  };
  return Object.freeze({
    ...contract,
    problem(input: ProblemInput): Problem {
      const problem = completeProblem(definition, input);
      for (const tensor in problem.views) checkView(contract, problem, tensor);
      return problem;
    },
    plans(problem: Problem, capabilities: Capabilities): readonly Plan[] {
      const rank = (variant: Variant): number =>
        variant.rank?.(problem, capabilities) ?? variants.indexOf(variant);
      const reasons: string[] = [];
      const common = definition.supports?.(problem, capabilities) ?? true;
      if (common !== true) throw noVariant(name, common);
      const found = [...variants]
        .sort((a, b) => rank(a) - rank(b))
        .flatMap((variant) => {
          const verdict = verdictOf(variant, problem, capabilities);
          if (verdict === true)
            return (variant.plans?.(problem, capabilities) ?? [{}]).map((choice) => ({
              variant: variant.name,
              ...choice,
            }));
          reasons.push(`${variant.name}: ${verdict}`);
          return [];
        });
      if (found.length > 0) return found;
      throw noVariant(name, reasons.join('; '));
    },
    program(problem: Problem, plan: Plan): Program {
      const variant = variants.find((each) => each.name === plan.variant);
      const names = variants.map((each) => each.name).join(', ');
      demand(name, 'plan.variant', plan.variant, variant !== undefined, `the variants are ${names}`);
      return variant!.program(problem, plan);
    },
  });
}

const noVariant = (subject: string, requirement: string): TilewrightError =>
  new TilewrightError('no-variant', {
    subject,
    problem: 'no variant can run this problem on this device',
    requirement,
    fix: 'change the problem, or run it on a device that has what is missing',
  });

function verdictOf(variant: Variant, problem: Problem, capabilities: Capabilities): true | string {
  const missing = [variant, ...Object.values(problem.slots)]
    .flatMap(({ requires = [] }) => requires)
    .filter((feature) => !capabilities.features.has(feature));
  if (missing.length > 0) return `the device lacks ${missing.join(', ')}`;
  return variant.supports?.(problem, capabilities) ?? true;
}

const contractTensors = (given: KernelDefinition['inputs']): Record<string, TensorContract> =>
  mapValues(given, (value) => ('shape' in value ? value : { shape: value }));

function completeProblem(definition: KernelDefinition, input: ProblemInput): Problem {
  const { name: kernel, dtypes: stored } = definition;
  const { dtypes = {}, formats = {} } = input;
  for (const [name, dtype] of Object.entries(dtypes)) {
    const valid = name.includes('.') || stored.includes(dtype);
    demand(kernel, `dtypes.${name}`, dtype, valid, `it must be ${stored.join(' or ')}`, 'bad-dtype');
  }
  const options = complete(kernel, 'options', definition.options, input.options, (given, allowed, what) => {
    const value = given ?? allowed[0];
    const [type, free] = [typeof allowed[0], allowed.length === 1];
    const valid = free ? typeof value === type : allowed.includes(value);
    return demand(kernel, what, value, valid, `it must be ${free ? `a ${type}` : allowed.join(' or ')}`);
  });
  const axes = Object.entries(definition.axes).filter(([name]) =>
    holds(definition.axesWhen?.[name], options),
  );
  const problem: Problem = Object.freeze({
    axes: complete(kernel, 'axes', Object.fromEntries(axes), input.axes, (size, _, what) =>
      demand(kernel, what, size!, Number.isSafeInteger(size) && size! > 0, 'it must be a positive integer'),
    ),
    dtypes,
    formats,
    scalars: complete(kernel, 'scalars', definition.scalars, input.scalars, (given, fallback, what) => {
      const value = given ?? fallback;
      return demand(kernel, what, value!, Number.isFinite(value), 'it must be a finite number');
    }),
    options,
    slots: complete(
      kernel,
      'slots',
      definition.slots,
      input.slots,
      (filling, slot) => filling ?? slot.default,
    ),
    views: input.views ?? {},
  });
  definition.validate?.(problem);
  return problem;
}

/** Refuses a view of a tensor that the kernel reads as it lies, and rows that cannot lie so. */
function checkView(
  kernel: Pick<Kernel, 'name' | 'inputs' | 'outputs'>,
  problem: Problem,
  name: string,
): void {
  const viewable = Object.entries<TensorContract>({ ...kernel.inputs, ...kernel.outputs })
    .filter(([, { order }]) => order === 'rows')
    .map(([tensor]) => tensor);
  const [what, view] = [`views.${name}`, problem.views[name]!];
  const requirement = `rows may lie apart in ${viewable.join(', ') || 'no tensor'}`;
  demand(kernel.name, what, JSON.stringify(view), viewable.includes(name), requirement);
  for (const part of ['stride', 'offset'] as const) {
    const least = part === 'stride' && name in kernel.outputs ? rowLength(kernel, problem, name) : 0;
    const distance = view[part];
    const [value, from] = typeof distance === 'number' ? [distance, least] : [distance.multipleOf, 1];
    const valid = Number.isSafeInteger(value) && value >= from;
    demand(kernel.name, `${what}.${part}`, value, valid, `it must be an integer from ${from} on`);
  }
}

/** A value for each name that is known; throws for one that is not. */
function complete<Known, Given, Value>(
  kernel: string,
  field: 'axes' | 'scalars' | 'options' | 'slots',
  known: Readonly<Record<string, Known>> = {},
  given: Readonly<Record<string, Given>> = {},
  valueOf: (given: Given | undefined, known: Known, what: string) => Value,
): Record<string, Value> {
  const names = Object.keys(known);
  for (const name in given)
    if (!(name in known))
      throw new TilewrightError('bad-argument', {
        subject: kernel,
        problem: `${field}.${name} is unknown`,
        requirement: `the ${field} are ${names.join(', ') || 'none'}`,
        fix: renameFix(name, names),
      });
  return mapValues(known, (each, name) => valueOf(given[name], each, `${field}.${name}`));
}

function demand<Value>(
  subject: string,
  what: string,
  value: Value,
  valid: boolean,
  requirement: string,
  code: ErrorCode = 'bad-argument',
): Value {
  if (valid) return value;
  throw new TilewrightError(code, {
    subject,
    problem: `${what} is ${value}`,
    requirement,
    fix: `change ${what}`,
  });
}

const mapValues = <From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
