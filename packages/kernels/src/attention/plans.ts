import type { Capabilities } from '../contract/capabilities.ts';
import type { AttentionModes } from './contract.ts';
import type { Kernel, PlanChoice, Problem, Variant } from '../contract/contract.ts';
import { laneChannels, subgroupProgram, tileProgram } from './program.ts';
import { narrow } from './unrolled-tile.ts';

export type PlansOf = (problem: Problem, capabilities: Capabilities) => readonly PlanChoice[];

/** tile.wgsl: runs everywhere. */
export const tileVariant = (modes: AttentionModes, plans: PlansOf): Variant => ({
  name: 'tile',
  ...withinBindings(plans, (problem, plan, kernel) => tileProgram(kernel, problem, plan, modes)),
});

/**
 * tile.subgroups.wgsl: where subgroups have one size, which the adapter tells. On adapters that run on a CPU it is several
 * times as fast as tile.wgsl.
 */
export function subgroupVariant(modes: AttentionModes, plans: PlansOf): Variant {
  const both: PlansOf = (problem, capabilities) => {
    const rolled = plans(problem, capabilities);
    const unrolled = rolled.filter((plan) => unrolls(problem, plan, capabilities));
    return [...unrolled.map((plan) => ({ ...plan, unrolled: true })), ...rolled];
  };
  const within = withinBindings(both, (problem, plan, kernel) =>
    subgroupProgram(kernel, problem, plan, modes),
  );
  return {
    name: 'subgroups',
    requires: ['subgroups'],
    ...within,
    supports: (problem, capabilities, kernel) => {
      const { subgroupMinSize, subgroupMaxSize } = capabilities;
      if (subgroupMinSize === subgroupMaxSize && subgroupMinSize > 0)
        return within.supports!(problem, capabilities, kernel);
      return `subgroups have ${subgroupMinSize} to ${subgroupMaxSize} lanes; it needs one size`;
    },
  };
}

/** Narrow subgroups want the unrolled text. With more outputs, or more places that read values, it takes them too long. */
function unrolls(
  problem: Problem,
  { lanes, rows, columns }: PlanChoice,
  { software }: Capabilities,
): boolean {
  const channels = laneChannels(problem, Number(lanes));
  return (
    software &&
    Number(lanes) <= narrow &&
    channels * Math.max(Number(rows), Number(lanes) * Number(columns)) <= 32
  );
}

/** Fillings bring tensors of their own, and a device binds only so many to a dispatch: Plans that fit. */
function withinBindings(
  plans: PlansOf,
  program: Variant['program'],
): Required<Pick<Variant, 'supports' | 'plans' | 'program'>> {
  // What is bound does not depend on the variant's name.
  const most = (problem: Problem, choice: PlanChoice, kernel: Kernel): number =>
    Math.max(
      ...program(problem, { variant: 'any', ...choice }, kernel).dispatches.map(
        ({ bindings }) => bindings.length,
      ),
    );
  const fitting: Required<Variant>['plans'] = (problem, capabilities, kernel) => {
    const all = plans(problem, capabilities);
    const { maxStorageBuffersPerShaderStage: limit } = capabilities.limits;
    return problem.options.packed || Object.values(problem.slots).some(({ bindings }) => bindings)
      ? all.filter((plan) => most(problem, plan, kernel) <= limit)
      : all;
  };
  return {
    supports: (problem, capabilities, kernel) =>
      fitting(problem, capabilities, kernel).length > 0 ||
      `with these fillings and options it binds more than ${capabilities.limits.maxStorageBuffersPerShaderStage} storage buffers`,
    plans: fitting,
    program,
  };
}

/** Rows of a subgroup's tile: as many as leave its output fragments in registers. */
export function subgroupRows({ axes }: Problem, lanes: number, most: number): number {
  const channels = Math.ceil(Math.ceil(axes.value_size! / 4) / lanes);
  return Math.max(1, Math.min(most, 2 ** Math.floor(Math.log2(16 / Math.min(channels, 16)))));
}
