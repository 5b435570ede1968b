import type { Capabilities } from '../core/capabilities.ts';
import type { Plan, Problem, Variant } from '../core/contract.ts';
import type { Kernel } from '../core/define-kernel.ts';
import { needsHalfStores, subgroupProgram, tileProgram } from './program.ts';

/** Storing single f16 elements needs the feature, in every variant. */
function stores(problem: Problem, { features }: Capabilities): true | string {
  if (!needsHalfStores(problem) || features.has('shader-f16')) return true;
  return `rows of ${problem.axes.value_size} f16 elements share words; needs shader-f16, or a value_size that is a multiple of 4`;
}

type PlansOf = (problem: Problem, capabilities: Capabilities) => readonly Plan[];

/** tile.wgsl: runs everywhere. */
export const tileVariant = (kernel: () => Kernel, plans: PlansOf): Variant => ({
  name: 'tile',
  supports: stores,
  plans,
  program: (problem, plan) => tileProgram(kernel(), problem, plan),
});

/**
 * tile.subgroups.wgsl: where subgroups have one size, which the adapter tells. On adapters that run on a CPU it is several
 * times as fast as tile.wgsl.
 */
export const subgroupVariant = (kernel: () => Kernel, plans: PlansOf): Variant => ({
  name: 'subgroups',
  requires: ['subgroups'],
  supports: (problem, capabilities) => {
    const { subgroupMinSize, subgroupMaxSize } = capabilities;
    if (subgroupMinSize === subgroupMaxSize && subgroupMinSize > 0) return stores(problem, capabilities);
    return `subgroups have ${subgroupMinSize} to ${subgroupMaxSize} lanes; it needs one size`;
  },
  plans,
  program: (problem, plan) => subgroupProgram(kernel(), problem, plan),
});

/** Rows of a subgroup's tile: as many as leave its output fragments in registers. */
export function subgroupRows({ axes }: Problem, lanes: number, most: number): number {
  const channels = Math.ceil(Math.ceil(axes.value_size! / 4) / lanes);
  return Math.max(1, Math.min(most, 2 ** Math.floor(Math.log2(16 / Math.min(channels, 16)))));
}
