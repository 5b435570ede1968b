// What kernels that work on rows share: a workgroup per row, walking it in units of one or four elements, with
// reductions by shared memory, by subgroups of any size, or within a single subgroup.
import type { Capabilities, Feature } from '../contract/capabilities.ts';
import type { Plan, Problem, Program, Variant } from '../contract/contract.ts';
import type { Constants } from '../contract/prelude.ts';
import rowWgsl from './row.wgsl';
import sharedLanesWgsl from './lanes.wgsl';
import subgroupLanesWgsl from './lanes.subgroups.wgsl';

/** WGSL of a reduction over the workgroup, and over the elements of a unit. */
export type Reduction = (lanes: 'subgroups' | 'baseline', width: 1 | 4) => readonly string[];

/** A unit of a row, one element or four neighbouring ones; the `total` within it. */
export const valueWgsl: Readonly<Record<1 | 4, string>> = {
  1: `alias Value = f32;
fn total(v: Value) -> f32 { return v; }`,
  4: `alias Value = vec4<f32>;
fn total(v: Value) -> f32 { return (v.x + v.y) + (v.z + v.w); }`,
};

/** `Lane`, the memory it shares with the other lanes, and `workgroup_sum` over them. */
const lanes = { baseline: sharedLanesWgsl, subgroups: subgroupLanesWgsl };

export interface RowOptions {
  /** Elements of a row. */
  readonly length: (problem: Problem) => number;
  /** Slots that the reductions use. Default 1. */
  readonly slots?: number;
  /** A reduction besides sums. */
  readonly reduction?: Reduction;
  readonly supports?: Variant['supports'];
  readonly program: (problem: Problem, plan: Plan, row: RowParts) => Program;
}

/** What a row kernel hands on to `assemble`. */
export interface RowParts {
  readonly width: 1 | 4;
  readonly requires: readonly Feature[];
  /** LENGTH, WIDTH, WORKGROUP and what reductions need. */
  readonly constants: Constants;
  /** `Lane` and `Value`; UNITS, STEPS, CACHED, CACHE (the length of the registers); the reduction. */
  readonly wgsl: readonly string[];
}

/** A subgroup variant and a baseline of a kernel with one workgroup per row. */
export function rowVariants(options: RowOptions): readonly Variant[] {
  const { length, slots = 1, reduction, supports, program } = options;
  const variant = (
    name: 'subgroups' | 'baseline',
    requires: readonly Feature[],
    plansOf: (units: number, workgroup: number, capabilities: Capabilities) => RowPlan[],
  ): Variant => ({
    name,
    requires,
    supports,
    plans: (problem, capabilities) => {
      const units = length(problem) / rowWidth(length(problem));
      const most = Math.min(
        256,
        capabilities.limits.maxComputeInvocationsPerWorkgroup,
        2 ** Math.ceil(Math.log2(units)),
      );
      return plansOf(units, Math.max(32, most), capabilities);
    },
    program: (problem, plan) => {
      const { workgroup, oneSubgroup = false, rolled = false } = plan as Plan & RowPlan;
      const row = length(problem);
      const width = rowWidth(row);
      return program(problem, plan, {
        width,
        requires,
        constants: {
          LENGTH: row,
          WIDTH: width,
          WORKGROUP: workgroup,
          SLOTS: slots,
          ROLLED: rolled,
          ONE_SUBGROUP: oneSubgroup,
        },
        wgsl: [rowWgsl, lanes[name], valueWgsl[width], ...(reduction?.(name, width) ?? [])],
      });
    },
  });
  return [
    variant('subgroups', ['subgroups', 'subgroup_id'], (units, workgroup, { software, subgroupMinSize }) => {
      const plans = [{ workgroup }, { workgroup: subgroupMinSize, oneSubgroup: true }];
      return software || units <= 2 * subgroupMinSize ? plans.reverse() : plans;
    }),
    // A CPU runs a workgroup on one thread: lanes beyond its vector, and barriers, only cost.
    variant('baseline', [], (_, workgroup, { software }) =>
      software ? [32, workgroup].map((lanes) => ({ workgroup: lanes, rolled: true })) : [{ workgroup }],
    ),
  ];
}

/** Four elements at a time where rows allow it. */
export const rowWidth = (length: number): 1 | 4 => (length % 4 === 0 ? 4 : 1);

type RowPlan = {
  readonly workgroup: number;
  /** The workgroup is a single subgroup. */
  readonly oneSubgroup?: boolean;
  /** Reductions through shared memory compile much faster so, and run slower on a GPU. */
  readonly rolled?: boolean;
};
