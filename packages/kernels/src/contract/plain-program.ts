import { contractBindings } from './bindings.ts';
import type { Feature } from './capabilities.ts';
import type { Plan, Problem, Program } from './contract.ts';
import type { Kernel } from './define-kernel.ts';
import type { Extent } from './extent.ts';
import { axisUniforms, type Constants, prelude } from './prelude.ts';

export interface PlainProgramInput {
  readonly kernel: Kernel;
  readonly problem: Problem;
  readonly plan: Plan;
  readonly requires: readonly Feature[];
  readonly constants: Constants;
  /** Elements per access, of every tensor. */
  readonly width: 1 | 2 | 4;
  /** The `.wgsl` files of the variant, in any order. */
  readonly wgsl: readonly string[];
  readonly workgroups: Extent;
}

/**
 * What `assemble` does, for a kernel without slots and uniforms whose one entry point is `main` and reads all tensors in
 * units of one width: less to ship.
 */
export function plainProgram(input: PlainProgramInput): Program {
  const { kernel, problem, plan, requires, constants, width, wgsl, workgroups } = input;
  const uniforms = axisUniforms(kernel.definition.axes, problem.axes);
  const tensors = contractBindings(kernel, problem).map((each) => ({ ...each, width }));
  return Object.freeze({
    kernel: kernel.name,
    plan,
    wgsl: [...prelude(requires, constants, uniforms, tensors), ...wgsl].join('\n'),
    requires,
    bindings: tensors.map(({ name, role, access }) => ({ name, role, access })),
    uniforms,
    scratch: [],
    dispatches: [{ entryPoint: 'main', workgroups, bindings: tensors.map(({ name }) => name) }],
  });
}
