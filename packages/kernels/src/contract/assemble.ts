import { binding, contractBindings, rowLength, storageOf } from './bindings.ts';
import type { Feature } from './capabilities.ts';
import type { Plan, Problem, Program, ProgramBinding, UniformType } from './contract.ts';
import type { Kernel } from './define-kernel.ts';
import type { Extent } from './extent.ts';
import { axisUniforms, type Constants, prelude } from './prelude.ts';
import { viewAccessors, viewUniforms, viewWidth } from './row-view.ts';
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
  const { kernel, problem, plan, constants = {}, views = {} } = input;
  const { axes, uniforms: own } = kernel.definition;
  const fillings = entries(problem.slots);
  const requires = unique([
    ...(input.requires ?? []),
    ...fillings.flatMap(([, each]) => each.requires ?? []),
  ]);
  const omitted = fillings.flatMap(([, { omits = [] }]) => omits);
  const scratch = entries(input.scratch);

  const contract = contractBindings(kernel, problem).filter(({ name }) => !omitted.includes(name));
  const contractNames = contract.map(({ name }) => name);
  const bound: (ProgramBinding & TensorView)[] = [
    ...contract.map((each) => ({ width: input.width ?? 1, ...each, ...views[each.name] })),
    ...fillings.flatMap(([slot, filling]) =>
      entries(filling.bindings).map(([name, tensor]) => ({
        ...binding(`${slot}.${name}`, tensor.role ?? 'input'),
        dtype: storageOf(tensor, problem.dtypes[`${slot}.${name}`]),
        width: tensor.width ?? 1,
        identifier: `${slot}_${name}`,
      })),
    ),
    ...scratch.map(([name, view]) => ({ ...view, ...binding(name, 'scratch') })),
  ];
  const accessors: string[] = [];
  const tensors = bound.map(({ name, access, dtype = 'f32', width = 1, identifier = name }) => {
    const tensor = { name: identifier, dtype, width, access };
    const view = problem.views[name];
    if (!view) return tensor;
    accessors.push(viewAccessors(tensor, name, view, rowLength(kernel, problem, name) / width));
    return { ...tensor, name: `${identifier}_root`, width: viewWidth(view, width) };
  });
  const uniforms: Program['uniforms'] = [
    ...axisUniforms(axes, problem.axes),
    ...named('', own),
    ...fillings.flatMap(([slot, each]) => named(`${slot}_`, each.uniforms)),
    ...entries(problem.views).flatMap(([name, view]) => viewUniforms(name, view)),
  ];
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
    dispatches: input.dispatches.map(({ entryPoint, workgroups, bindings = contractNames, slots }) => ({
      entryPoint,
      workgroups,
      bindings: unique([
        ...bindings.filter((name) => !omitted.includes(name)),
        ...(slots ?? fillings.map(([slot]) => slot)).flatMap((slot) =>
          entries(problem.slots[slot]?.bindings).map(([name]) => `${slot}.${name}`),
        ),
      ]),
    })),
  });
}

const named = (
  prefix: string,
  uniforms: Readonly<Record<string, UniformType>> | undefined,
): Program['uniforms'] => entries(uniforms).map(([name, type]) => ({ name: prefix + name, type }));
const entries = <T>(record: Readonly<Record<string, T>> = {}): [string, T][] => Object.entries(record);
const unique = <T>(list: readonly T[]): T[] => [...new Set(list)];
