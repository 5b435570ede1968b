import scalarWgsl from './max.f32.wgsl';
import subgroupsWgsl from './max.subgroups.wgsl';
import vectorWgsl from './max.vec4.wgsl';
import sharedWgsl from './max.wgsl';
import type { Reduction } from './index.ts';

/** `workgroup_max` over the lanes; `largest` and `first_equal` within a unit. */
export const maximum: Reduction = {
  baseline: sharedWgsl,
  subgroups: subgroupsWgsl,
  1: scalarWgsl,
  4: vectorWgsl,
};
