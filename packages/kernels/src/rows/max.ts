import orderedWgsl from '../numbers/ordered.wgsl';
import scalarWgsl from './max.f32.wgsl';
import keysWgsl from './max.keys.wgsl';
import subgroupsWgsl from './max.subgroups.wgsl';
import vectorWgsl from './max.vec4.wgsl';
import sharedWgsl from './max.wgsl';
import type { Reduction } from './index.ts';

/**
 * `workgroup_max` over the lanes, `workgroup_most` of their keys (see numbers/ordered.wgsl); `largest`, `has_nan` and
 * `first_with` within a unit.
 */
export const maximum: Reduction = (lanes, width) => [
  orderedWgsl,
  keysWgsl,
  lanes === 'subgroups' ? subgroupsWgsl : sharedWgsl,
  width === 1 ? scalarWgsl : vectorWgsl,
];
