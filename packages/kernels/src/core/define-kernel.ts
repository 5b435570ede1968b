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

/** A kernel: its contract, and the two pure functions from Problem to Plan to Program. */
export interface Kernel<Input extends string = string, Output extends string = string> {
  readonly name: string;
  readonly definition: KernelDefinition;
  readonly inputs: Readonly<Record<Input, TensorContract>>;
  readonly outputs: Readonly<Record<Output, TensorContract>>;
  /** Fills in defaults and checks everything that needs no device. Throws `bad-argument`, `bad-shape`, `bad-dtype`. */
  problem(input: ProblemInput): Problem;
  /** Every Plan that can run, best guess first. Throws `no-variant` with each variant's reason when there is none. */
  plans(problem: Problem, capabilities: Capabilities): readonly Plan[];
  program(problem: Problem, plan: Plan): Program;
}

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
  return Object.freeze({
    name,
    definition,
    inputs: tensors(definition.inputs) as Record<Input, TensorContract>,
    outputs: tensors(definition.outputs) as Record<Output, TensorContract>,
    problem: (input: ProblemInput) => completeProblem(definition, input),
    plans(problem: Problem, capabilities: Capabilities): readonly Plan[] {
      const found: Plan[] = [];
      const reasons: string[] = [];
      const ranks = variants.map((variant, place) => variant.rank?.(problem, capabilities) ?? place);
      const order = variants.map((_, place) => place).sort((a, b) => ranks[a]! - ranks[b]!);
      for (const variant of order.map((place) => variants[place]!)) {
        const verdict = verdictOf(variant, problem, capabilities);
        if (verdict === true) found.push(...variant.plans(problem, capabilities));
        else reasons.push(`${variant.name}: ${verdict}`);
      }
      if (found.length > 0) return found;
      return refuse(
        name,
        'no variant can run this problem on this device',
        reasons.join('; '),
        'change the problem, or run it on a device that has what is missing',
        'no-variant',
      );
    },
    program: (problem: Problem, plan: Plan): Program =>
      (
        variants.find((variant) => variant.name === plan.variant) ??
        refuse(
          name,
          `unknown variant '${plan.variant}' in the plan`,
          `the variants are ${variants.map((each) => each.name).join(', ')}`,
          'take a plan from plans()',
        )
      ).program(problem, plan),
  });
}

function refuse(
  subject: string,
  problem: string,
  requirement: string,
  fix: string,
  code: ErrorCode = 'bad-argument',
): never {
  throw new TilewrightError(code, { subject, problem, requirement, fix });
}

function verdictOf(variant: Variant, problem: Problem, capabilities: Capabilities): true | string {
  const needed = [
    ...(variant.requires ?? []),
    ...Object.values(problem.slots).flatMap((f) => f.requires ?? []),
  ];
  const missing = needed.filter((feature) => !capabilities.features.has(feature));
  if (missing.length > 0) return `the device lacks ${missing.join(', ')}`;
  return variant.supports?.(problem, capabilities) ?? true;
}

const tensors = (given: KernelDefinition['inputs']): Record<string, TensorContract> =>
  mapValues(given, (value) => ('shape' in value ? value : { shape: value }));

function completeProblem(definition: KernelDefinition, input: ProblemInput): Problem {
  const { name: kernel, dtypes } = definition;
  for (const [name, dtype] of Object.entries(input.dtypes ?? {}))
    if (!name.includes('.') && !dtypes.includes(dtype)) {
      const requirement = `the kernel stores ${dtypes.join(' or ')}`;
      refuse(kernel, `tensor '${name}' has dtype ${dtype}`, requirement, `convert '${name}'`, 'bad-dtype');
    }
  const problem: Problem = Object.freeze({
    axes: complete(kernel, 'axis', definition.axes, input.axes, (size, _, name) => {
      if (Number.isSafeInteger(size) && size! > 0) return size!;
      const fix = `give axes.${name} a size of 1 or more`;
      return refuse(kernel, `axis '${name}' is ${size}`, 'an axis is a positive integer', fix);
    }),
    dtypes: input.dtypes ?? {},
    layouts: input.layouts ?? {},
    scalars: complete(kernel, 'scalar', definition.scalars, input.scalars, (given, fallback, name) => {
      const value = given ?? fallback;
      if (Number.isFinite(value)) return value!;
      return refuse(
        kernel,
        `scalar '${name}' is ${value}`,
        'it must be a finite number',
        `give scalars.${name}`,
      );
    }),
    options: complete(kernel, 'option', definition.options, input.options, (given, allowed, name) => {
      const value = given ?? allowed[0];
      if (allowed.includes(value) || (!allowed[1] && typeof value === typeof allowed[0])) return value;
      const requirement = `allowed are ${allowed.join(', ')}`;
      return refuse(kernel, `option '${name}' is ${value}`, requirement, 'give one of these');
    }),
    slots: complete(
      kernel,
      'slot',
      definition.slots,
      input.slots,
      (filling, slot) => filling ?? slot.default,
    ),
  });
  definition.validate?.(problem);
  return problem;
}

/** A value for each name that is known; throws for one that is not. */
function complete<Known, Given, Value>(
  kernel: string,
  kind: string,
  known: Readonly<Record<string, Known>> = {},
  given: Readonly<Record<string, Given>> = {},
  valueOf: (given: Given | undefined, known: Known, name: string) => Value,
): Record<string, Value> {
  for (const key in given)
    if (!(key in known)) {
      const names = Object.keys(known).join(', ') || 'none';
      refuse(kernel, `unknown ${kind} '${key}'`, `the ${kind} names are: ${names}`, 'remove or rename it');
    }
  return mapValues(known, (each, name) => valueOf(given[name], each, name));
}

const mapValues = <From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
