import { binding, contractBindings, storageOf } from './bindings.ts';
import type { Feature } from './capabilities.ts';
import type { Plan, Problem, Program, ProgramBinding } from './contract.ts';
import type { Kernel } from './define-kernel.ts';
import type { Extent } from './extent.ts';
import type { Filling } from './filling.ts';
import { axisUniforms, type Constants, prelude } from './prelude.ts';
import type { TensorView } from './tensor-view.ts';

export interface ScratchView extends TensorView {
  readonly sizeBytes: Extent;
}

export interface AssembleInput {
  readonly kernel: Kernel;
  readonly problem: Problem;
  readonly plan: Plan;
  readonly requires?: readonly Feature[];
  readonly constants?: Constants;
  /** Elements per access of contract tensors for which `views` says nothing else. Default 1. */
  readonly width?: 1 | 2 | 4;
  readonly views?: Readonly<Record<string, TensorView>>;
  readonly scratch?: Readonly<Record<string, ScratchView>>;
  /** The `.wgsl` files of the variant, in any order. */
  readonly wgsl: readonly string[];
  /**
   * `bindings`: contract and scratch names; the bindings of a filling are added to every dispatch that lists its slot
   * in `slots` (default: all slots).
   */
  readonly dispatches: readonly {
    readonly entryPoint: string;
    readonly workgroups: Extent;
    /** Default: every bound contract tensor. */
    readonly bindings?: readonly string[];
    readonly slots?: readonly string[];
  }[];
}

/**
 * Concatenates prelude, files and fillings into a Program. The prelude holds constants, the `params` uniform (dynamic
 * axes, then uniforms, then those of fillings and of views), bindings with typed accessors, and `linear_workgroup`.
 */
export function assemble(input: AssembleInput): Program {
  const { kernel, problem, plan, width = 1, constants = {}, views = {} } = input;
  const fillings = entries(problem.slots);
  const requires = [
    ...new Set([input, ...Object.values(problem.slots)].flatMap(({ requires = [] }) => requires)),
  ];
  const omitted = fillings.flatMap(([, { omits = [] }]) => omits);
  const contract = contractBindings(kernel, problem).filter(({ name }) => !omitted.includes(name));
  const filled = fillings.flatMap(([slot, { bindings }]) =>
    entries(bindings).map(([tensor, as]) => {
      const name = `${slot}.${tensor}`;
      return {
        ...as,
        ...binding(name, as.role ?? 'input'),
        slot,
        dtype: storageOf(as, problem.dtypes[name]),
        identifier: `${slot}_${tensor}`,
      };
    }),
  );
  const scratch = entries(input.scratch);
  const bound: (ProgramBinding & TensorView)[] = [
    ...contract.map((tensor) => ({ width, ...tensor, ...views[tensor.name] })),
    ...filled,
    ...scratch.map(([name, view]) => ({ ...view, ...binding(name, 'scratch') })),
  ];
  const uniforms = [
    ...axisUniforms(kernel.definition.axes, problem.axes),
    ...named('', kernel.definition),
    ...fillings.flatMap(([slot, filling]) => named(`${slot}_`, filling)),
  ];
  const accessors: string[] = [];
  const tensors = bound.map(({ name, access, dtype = 'f32', width = 1, identifier = name }) => {
    const tensor = { name: identifier, dtype, width, access };
    const view = problem.views[name]?.declare(tensor, name, kernel, problem);
    if (!view) return tensor;
    accessors.push(view.wgsl);
    uniforms.push(...view.uniforms);
    return view.root;
  });
  return Object.freeze({
    kernel: kernel.name,
    plan,
    wgsl: [
      ...prelude(requires, constants, uniforms, tensors),
      ...accessors,
      ...input.wgsl,
      ...fillings.map(([slot, filling]) => filling.wgsl(slot)),
    ].join('\n'),
    requires,
    bindings: bound.map(({ name, role, access }) => ({ name, role, access })),
    uniforms,
    scratch: scratch.map(([name, { sizeBytes }]) => ({ name, sizeBytes })),
    dispatches: input.dispatches.map(
      ({ entryPoint, workgroups, bindings = contract.map(({ name }) => name), slots }) => ({
        entryPoint,
        workgroups,
        bindings: [
          ...bindings.filter((name) => !omitted.includes(name)),
          ...filled.filter(({ slot }) => slots?.includes(slot) ?? true).map(({ name }) => name),
        ],
      }),
    ),
  });
}

const named = (prefix: string, { uniforms }: Pick<Filling, 'uniforms'>): Program['uniforms'][number][] =>
  entries(uniforms).map(([name, type]) => ({ name: prefix + name, type }));
const entries = <T>(record: Readonly<Record<string, T>> = {}): [string, T][] => Object.entries(record);
