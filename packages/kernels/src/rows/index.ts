// What kernels that work on rows share: a workgroup per row, walking it in units of one or four elements, with
// reductions by shared memory, by subgroups of any size, or within a single subgroup.
import type { AssembleInput } from '../core/assemble.ts';
import type { Capabilities, Feature } from '../core/capabilities.ts';
import type { Plan, Problem, Program, Variant } from '../core/contract.ts';
import sharedLanesWgsl from './lanes.wgsl';
import subgroupLanesWgsl from './lanes.subgroups.wgsl';
import sharedSumWgsl from './sum.wgsl';
import subgroupSumWgsl from './sum.subgroups.wgsl';

/** Units that an invocation may keep in registers between two passes over its row. */
const mostCached = 16;

/** WGSL of a reduction over the workgroup, and over the elements of a unit (one or four). */
export interface Reduction {
  readonly shared: string;
  readonly subgroups: string;
  readonly 1: string;
  readonly 4: string;
}

const lanes = { shared: sharedLanesWgsl, subgroups: subgroupLanesWgsl };

/** `workgroup_sum` over the lanes; `total` within a unit. */
const sum: Reduction = {
  shared: sharedSumWgsl,
  subgroups: subgroupSumWgsl,
  1: 'fn total(v: Value) -> f32 { return v; }',
  4: 'fn total(v: Value) -> f32 { return (v.x + v.y) + (v.z + v.w); }',
};

/** A unit of a row: one element, or four neighbouring ones. */
export const valueWgsl: Readonly<Record<1 | 4, string>> = {
  1: 'alias Value = f32;',
  4: 'alias Value = vec4<f32>;',
};

export interface RowOptions {
  /** Elements of a row. */
  readonly length: (problem: Problem) => number;
  /** Slots that the reductions use. Default 1. */
  readonly slots?: number;
  /** Reductions besides sums. */
  readonly reductions?: readonly Reduction[];
  readonly program: (problem: Problem, plan: Plan, row: RowParts) => Program;
}

/** What a row kernel hands on to `assemble`. */
export interface RowParts {
  readonly width: 1 | 4;
  readonly requires: readonly Feature[];
  /** LENGTH, UNITS, STEPS, CACHED, CACHE (the length of the registers), WORKGROUP and what the reductions need. */
  readonly constants: NonNullable<AssembleInput['constants']>;
  /** `Lane` and `Value`; the reductions. */
  readonly wgsl: readonly string[];
}

/** A subgroup variant and a baseline of a kernel with one workgroup per row. */
export function rowVariants(options: RowOptions): readonly Variant[] {
  const { length, slots = 1, reductions = [], program } = options;
  const make = (name: 'subgroups' | 'shared', requires: readonly Feature[]): Variant => {
    return {
      name: name === 'shared' ? 'baseline' : name,
      requires,
      plans: (problem, capabilities) =>
        plansOf(length(problem), name, capabilities).map((plan) => ({
          variant: name === 'shared' ? 'baseline' : name,
          ...plan,
        })),
      program: (problem, plan) => {
        const width = rowWidth(length(problem));
        const workgroup = Number(plan.workgroup);
        const units = length(problem) / width;
        const steps = Math.ceil(units / workgroup);
        const cached = steps <= mostCached;
        return program(problem, plan, {
          width,
          requires,
          constants: {
            LENGTH: length(problem),
            UNITS: units,
            STEPS: steps,
            CACHED: cached,
            CACHE: cached ? steps : 1,
            WORKGROUP: workgroup,
            SLOTS: slots,
            PARTS: Math.min(16, workgroup),
            ROLLED: plan.rolled === true,
            ONE_SUBGROUP: plan.oneSubgroup === true,
          },
          wgsl: [
            lanes[name],
            valueWgsl[width],
            ...[sum, ...reductions].flatMap((each) => [each[name], each[width]]),
          ],
        });
      },
    };
  };
  return [make('subgroups', ['subgroups', 'subgroup_id']), make('shared', [])];
}

/** Four elements at a time where rows allow it. */
export const rowWidth = (length: number): 1 | 4 => (length % 4 === 0 ? 4 : 1);

interface RowPlan {
  readonly workgroup: number;
  /** The workgroup is a single subgroup. */
  readonly oneSubgroup?: boolean;
  /** Reductions through shared memory compile much faster so, and run slower on a GPU. */
  readonly rolled?: boolean;
}

function plansOf(
  length: number,
  way: 'subgroups' | 'shared',
  capabilities: Capabilities,
): readonly RowPlan[] {
  const { limits, software, subgroupMinSize } = capabilities;
  const units = length / rowWidth(length);
  const largest = Math.min(256, limits.maxComputeInvocationsPerWorkgroup);
  const workgroup = Math.max(32, Math.min(largest, 2 ** Math.ceil(Math.log2(units))));
  // A CPU runs a workgroup on one thread: lanes beyond its vector, and barriers, only cost.
  if (way === 'shared')
    return software
      ? [
          { workgroup: 32, rolled: true },
          { workgroup, rolled: true },
        ]
      : [{ workgroup }];
  const one = { workgroup: subgroupMinSize, oneSubgroup: true };
  return software || units <= 2 * subgroupMinSize ? [one, { workgroup }] : [{ workgroup }, one];
}
