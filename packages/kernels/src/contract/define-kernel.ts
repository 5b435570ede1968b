import { holds } from './bindings.ts';
import type { Capabilities, Feature } from './capabilities.ts';
import type {
  Kernel,
  KernelDefinition,
  Plan,
  Problem,
  ProblemInput,
  Program,
  TensorContract,
  Variant,
} from './contract.ts';

export type { Kernel } from './contract.ts';

/**
 * Makes a kernel from its contract. Call sites carry a pure annotation, so that bundlers drop unused kernels.
 */
export function defineKernel<Input extends string, Output extends string>(
  definition: Omit<KernelDefinition, 'inputs' | 'outputs'> & {
    readonly inputs: Readonly<Record<Input, readonly string[] | TensorContract>>;
    readonly outputs: Readonly<Record<Output, readonly string[] | TensorContract>>;
  },
): Kernel<Input, Output> {
  const { name: kernel, variants } = definition;
  const refuse = (what: string): never => {
    throw new RangeError(`[${kernel}] ${what}`);
  };
  const self: Kernel<Input, Output> = Object.freeze({
    name: kernel,
    definition,
    inputs: contractTensors(definition.inputs) as Record<Input, TensorContract>,
    outputs: contractTensors(definition.outputs) as Record<Output, TensorContract>,
    problem(input: ProblemInput): Problem {
      /** What was given of each name that is known, else its default; throws for other names, and where there is neither. */
      const complete = <Field extends 'axes' | 'scalars' | 'options' | 'slots'>(
        field: Field,
        fallback: (known: NonNullable<KernelDefinition[Field]>[string]) => unknown,
        known: object = definition[field] ?? {},
        values: object = input[field] ?? {},
      ): Problem[Field] =>
        mapValues<unknown, unknown>(
          { ...known, ...values },
          (_, name) =>
            (name in known ? (values[name as never] ?? fallback(known[name as never] as never)) : null) ??
            refuse(`${field}.${name} is ${name in known ? 'missing' : 'unknown'}`),
        ) as Problem[Field];
      const options = complete('options', ([first]) => first);
      const { dtypes = {}, formats = {}, views = {} } = input;
      const problem = Object.freeze({
        axes: complete(
          'axes',
          () => null,
          Object.fromEntries(
            Object.entries(definition.axes).filter(([name]) => holds(definition.axesWhen?.[name], options)),
          ),
        ),
        dtypes,
        formats,
        scalars: complete('scalars', (value) => value),
        options,
        slots: complete('slots', (slot) => slot.default),
        views,
      });
      const tensors: Record<string, unknown> = { ...definition.inputs, ...definition.outputs };
      for (const [slot, { bindings }] of Object.entries(problem.slots))
        for (const name in bindings) tensors[`${slot}.${name}`] = slot;
      // No member of the input is passed over, and none of those that name tensors.
      complete('problem' as 'axes', (value) => value, problem, input);
      for (const [field, values] of Object.entries({ dtypes, formats, views }))
        complete(field as 'axes', (value) => value, tensors, values);
      definition.validate?.(problem);
      return problem;
    },
    plans(problem: Problem, capabilities: Capabilities): readonly Plan[] {
      return ranked(variants, problem, capabilities)
        .filter(
          (variant) =>
            !missingFeatures(variant, problem, capabilities)[0] &&
            [definition, variant].every(
              ({ supports }) => (supports?.(problem, capabilities, self) ?? true) === true,
            ),
        )
        .flatMap((variant) =>
          (variant.plans?.(problem, capabilities, self) ?? [{}]).map((choice) => ({
            variant: variant.name,
            ...choice,
          })),
        );
    },
    program: (problem: Problem, plan: Plan): Program =>
      (
        variants.find(({ name }) => name === plan?.variant) ?? refuse(`plan.variant is ${plan?.variant}`)
      ).program(problem, plan, self),
  });
  return self;
}

/** Variants in the order in which they suit a Problem and a device. */
export function ranked(
  variants: readonly Variant[],
  problem: Problem,
  capabilities: Capabilities,
): readonly Variant[] {
  const rank = (variant: Variant): number =>
    variant.rank?.(problem, capabilities) ?? variants.indexOf(variant);
  return [...variants].sort((a, b) => rank(a) - rank(b));
}

/** What a variant and the fillings require and the device does not have. */
export const missingFeatures = (
  variant: Variant,
  { slots }: Problem,
  { features }: Capabilities,
): readonly Feature[] =>
  [variant, ...Object.values(slots)]
    .flatMap(({ requires = [] }) => requires)
    .filter((feature) => !features.has(feature));

const contractTensors = (tensors: KernelDefinition['inputs']): Record<string, TensorContract> =>
  mapValues(tensors, (value) => ('shape' in value ? value : { shape: value }));

const mapValues = <From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
