// What kernels that work on rows share: a workgroup per row, walking it in units of one or four elements, with
// reductions by shared memory, by subgroups of any size, or within a single subgroup.
import type { AssembleInput } from '../core/assemble.ts';
import type { Capabilities, Feature } from '../core/capabilities.ts';
import type { Plan, Problem, Program, Variant } from '../core/contract.ts';
import lanesWgsl from './lanes.wgsl';
import oneSubgroupWgsl from './lanes.one-subgroup.wgsl';
import subgroupsWgsl from './lanes.subgroups.wgsl';
import scalarWgsl from './value.f32.wgsl';
import vectorWgsl from './value.vec4.wgsl';

/** `Value`, `total`, `largest` and `first_equal` for units of one or four elements. */
export const valueWgsl: Readonly<Record<1 | 4, string>> = { 1: scalarWgsl, 4: vectorWgsl };

/** Units that an invocation may keep in registers between two passes over its row. */
const mostCached = 16;

export interface RowOptions {
  /** Elements of a row. */
  readonly length: (problem: Problem) => number;
  /** Names of tensors that are written row by row: those of f16 need whole words, or `shader-f16`. */
  readonly written: readonly string[];
  /** Slots that the reductions use. Default 1. */
  readonly slots?: number;
  /** Workgroups worth sharing a row; such Plans come first, with `splits` above 1. Default 1: not supported. */
  readonly splits?: (problem: Problem, capabilities: Capabilities) => number;
  readonly supports?: (problem: Problem, capabilities: Capabilities) => true | string;
  readonly program: (problem: Problem, plan: Plan, row: RowParts) => Program;
}

/** What a row kernel hands on to `assemble`. */
export interface RowParts {
  readonly width: 1 | 4;
  readonly requires: readonly Feature[];
  /** LENGTH, UNITS, STEPS, CACHED, CACHE (the length of the registers), WORKGROUP and what the reductions need. */
  readonly constants: NonNullable<AssembleInput['constants']>;
  /** `Lane`, `workgroup_sum`, `workgroup_max`; `Value`, `total`, `largest`. */
  readonly wgsl: readonly string[];
}

/** A subgroup variant and a baseline of a kernel with one workgroup per row. */
export function rowVariants(options: RowOptions): readonly Variant[] {
  const make = (name: string, requires: readonly Feature[]): Variant => ({
    name,
    requires,
    supports: (problem, capabilities) => {
      const shared = halfWords(problem, options) && !capabilities.features.has('shader-f16');
      if (shared)
        return `rows of ${options.length(problem)} f16 elements share words; needs shader-f16, or a multiple of 4`;
      return options.supports?.(problem, capabilities) ?? true;
    },
    plans: (problem, capabilities) => {
      const plans = workgroups(options.length(problem), name === 'subgroups', capabilities).map((each) => ({
        variant: name,
        ...each,
        splits: 1,
      }));
      const splits = options.splits?.(problem, capabilities) ?? 1;
      return splits === 1 ? plans : [...plans.map((each) => ({ ...each, splits })), ...plans];
    },
    program: (problem, plan) => options.program(problem, plan, partsOf(problem, plan, requires, options)),
  });
  return [make('subgroups', ['subgroups', 'subgroup_id']), make('baseline', [])];
}

/** Splits that give enough workgroups when rows are few and long: at least `least` elements each, at most 64 a row. */
export function splitsOf(rows: number, length: number, least: number, { software }: Capabilities): number {
  const wanted = software ? 4 : 128;
  return rows * 2 > wanted
    ? 1
    : Math.max(1, Math.min(64, Math.ceil(wanted / rows), Math.floor(length / least)));
}

/** Four elements at a time where rows allow it. */
export const rowWidth = (length: number): 1 | 4 => (length % 4 === 0 ? 4 : 1);

const halfWords = (problem: Problem, { length, written }: RowOptions): boolean =>
  rowWidth(length(problem)) === 1 && written.some((name) => problem.dtypes[name] === 'f16');

interface RowPlan {
  readonly workgroup: number;
  readonly oneSubgroup: boolean;
  /** Reductions through shared memory compile much faster so, and run slower on a GPU. */
  readonly rolled?: boolean;
}

function workgroups(length: number, subgroups: boolean, capabilities: Capabilities): RowPlan[] {
  const { limits, software, subgroupMinSize } = capabilities;
  const units = length / rowWidth(length);
  const largest = Math.min(256, limits.maxComputeInvocationsPerWorkgroup);
  const wanted = Math.max(32, Math.min(largest, 2 ** Math.ceil(Math.log2(units))));
  const shared = { workgroup: wanted, oneSubgroup: false };
  if (!subgroups)
    return software
      ? [
          { ...shared, workgroup: 32, rolled: true },
          { ...shared, rolled: true },
        ]
      : [shared];
  const one = { workgroup: subgroupMinSize, oneSubgroup: true };
  // A CPU runs a workgroup on one thread: lanes beyond its vector, and barriers, only cost.
  return software ? [one, shared] : units <= 2 * subgroupMinSize ? [one, shared] : [shared, one];
}

function partsOf(problem: Problem, plan: Plan, requires: readonly Feature[], options: RowOptions): RowParts {
  const length = options.length(problem);
  const width = rowWidth(length);
  const workgroup = Number(plan.workgroup);
  const units = length / width;
  const steps = Math.ceil(units / workgroup);
  const lanes =
    plan.variant === 'baseline' ? lanesWgsl : plan.oneSubgroup === true ? oneSubgroupWgsl : subgroupsWgsl;
  return {
    width,
    requires: halfWords(problem, options) ? [...requires, 'shader-f16'] : requires,
    constants: {
      LENGTH: length,
      UNITS: units,
      STEPS: steps,
      CACHED: steps <= mostCached,
      CACHE: steps <= mostCached ? steps : 1,
      WORKGROUP: workgroup,
      PARTS: Math.min(16, workgroup),
      ROLLED: plan.rolled === true,
      MAX_SUBGROUPS: Math.ceil(workgroup / 4),
      SLOTS: options.slots ?? 1,
    },
    wgsl: [lanes, valueWgsl[width]],
  };
}
