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
import { TilewrightError } from './errors.ts';

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
      for (const variant of variants) {
        const verdict = verdictOf(variant, problem, capabilities);
        if (verdict === true) found.push(...variant.plans(problem, capabilities));
        else reasons.push(`${variant.name}: ${verdict}`);
      }
      if (found.length > 0) return found;
      throw new TilewrightError('no-variant', {
        subject: name,
        problem: 'no variant can run this problem on this device',
        requirement: reasons.join('; '),
        fix: 'change the problem, or run it on a device that has what is missing',
      });
    },
    program(problem: Problem, plan: Plan): Program {
      const variant = variants.find((candidate) => candidate.name === plan.variant);
      if (variant) return variant.program(problem, plan);
      throw new TilewrightError('bad-argument', {
        subject: name,
        problem: `unknown variant '${plan.variant}' in the plan`,
        requirement: `the variants are ${variants.map((each) => each.name).join(', ')}`,
        fix: `take a plan from plans()`,
      });
    },
  });
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

function tensors(given: KernelDefinition['inputs']): Record<string, TensorContract> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, 'shape' in value ? value : { shape: value }]),
  );
}

function completeProblem(definition: KernelDefinition, input: ProblemInput): Problem {
  const fail = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', { subject: definition.name, problem, requirement, fix });
  };
  const known = (kind: string, given: object | undefined, allowed: object | undefined): void => {
    for (const key of Object.keys(given ?? {})) {
      if (allowed && key in allowed) continue;
      const names = Object.keys(allowed ?? {}).join(', ') || 'none';
      fail(`unknown ${kind} '${key}'`, `the ${kind} names are: ${names}`, `remove or rename it`);
    }
  };
  known('axis', input.axes, definition.axes);
  known('scalar', input.scalars, definition.scalars);
  known('option', input.options, definition.options);
  known('slot', input.slots, definition.slots);
  for (const axis of Object.keys(definition.axes)) {
    const size = input.axes[axis];
    if (size === undefined || !Number.isSafeInteger(size) || size < 1)
      fail(
        `axis '${axis}' is ${size}`,
        'an axis is a positive integer',
        `give axes.${axis} a size of 1 or more`,
      );
  }
  const scalars: Record<string, number> = {};
  for (const [name, fallback] of Object.entries(definition.scalars ?? {})) {
    const value = input.scalars?.[name] ?? fallback;
    if (value === null || !Number.isFinite(value))
      fail(`scalar '${name}' is ${value}`, 'it must be a finite number', `give scalars.${name}`);
    else scalars[name] = value;
  }
  const options: Record<string, Problem['options'][string]> = {};
  for (const [name, allowed] of Object.entries(definition.options ?? {})) {
    const value = input.options?.[name] ?? allowed[0];
    const free = allowed.length === 1 && typeof value === typeof allowed[0];
    if (!free && !allowed.includes(value))
      fail(`option '${name}' is ${String(value)}`, `allowed are ${allowed.join(', ')}`, `give one of these`);
    options[name] = value;
  }
  for (const [name, dtype] of Object.entries(input.dtypes ?? {})) {
    if (name.includes('.') || definition.dtypes.includes(dtype)) continue;
    throw new TilewrightError('bad-dtype', {
      subject: definition.name,
      problem: `tensor '${name}' has dtype ${dtype}`,
      requirement: `the kernel stores ${definition.dtypes.join(' or ')}`,
      fix: `convert '${name}'`,
    });
  }
  const slots: Record<string, Problem['slots'][string]> = {};
  for (const [name, slot] of Object.entries(definition.slots ?? {}))
    slots[name] = input.slots?.[name] ?? slot.default;
  const problem: Problem = Object.freeze({
    axes: input.axes,
    dtypes: input.dtypes ?? {},
    layouts: input.layouts ?? {},
    scalars,
    options,
    slots,
  });
  definition.validate?.(problem);
  return problem;
}
