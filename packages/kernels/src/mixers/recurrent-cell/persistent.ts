import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Variant } from '../../contract/contract.ts';
import { times } from '../../contract/extent.ts';
import lateWgsl from './late.wgsl';
import { cellOf, common, sizesOf, unitWgsl } from './parts.ts';
import persistentWgsl from './persistent.wgsl';

type PersistentPlan = { readonly workgroup: number; readonly keeps: boolean };

/** A workgroup for each batch row and direction, which walks the tokens. */
export const persistent: Variant = {
  name: 'persistent',
  supports: (problem, { limits }) => {
    const { hidden, gates } = sizesOf(problem);
    const bytes = 4 * hidden * (gates + 2 + (cellOf(problem).late ? 1 : 0));
    const most = limits.maxComputeWorkgroupStorageSize;
    if (bytes > most) return `${hidden} hidden units take ${bytes} bytes of workgroup memory of ${most}`;
    const bound = boundTensors(problem);
    const buffers = limits.maxStorageBuffersPerShaderStage;
    return bound <= buffers || `it binds ${bound} storage buffers of ${buffers}`;
  },
  rank: () => 1,
  plans: (problem, { software, limits }) => {
    const { hidden, gates } = sizesOf(problem);
    const most = Math.min(256, limits.maxComputeInvocationsPerWorkgroup);
    const workgroup = software ? 64 : Math.min(most, Math.max(32, 2 ** Math.ceil(Math.log2(gates * hidden))));
    const isFew = rowsOf(problem, workgroup) * hidden <= keptMost;
    return isFew ? [true, false].map((keeps) => ({ workgroup, keeps })) : [{ workgroup, keeps: false }];
  },
  program: (problem, plan, kernel) => {
    const { workgroup, keeps } = plan as Plan & PersistentPlan;
    const { hidden, directions, gates, width, early } = sizesOf(problem);
    const isLate = early < gates;
    const { constants, views, wgsl } = common(problem);
    return assemble({
      kernel,
      problem,
      plan,
      views,
      constants: {
        ...constants,
        WORKGROUP: workgroup,
        EARLY_ROWS: early * hidden,
        EARLY_TURNS: Math.ceil((early * hidden) / workgroup),
        LATE_TURNS: isLate ? Math.ceil(hidden / workgroup) : 0,
        UNIT_TURNS: Math.ceil(hidden / workgroup),
        KEEPS: keeps,
        KEPT: keeps ? rowsOf(problem, workgroup) * (hidden / width) : 1,
      },
      wgsl: [
        ...wgsl,
        unitWgsl('hidden_unit', '', (i) => `hidden[${i}]`, width),
        ...(isLate
          ? [unitWgsl('mixed_unit', '', (i) => `mixed[${i}]`, width), lateWgsl]
          : ['fn late_sums(direction: u32, at: u32, thread: u32) {}']),
        persistentWgsl,
      ],
      dispatches: [{ entryPoint: 'main', workgroups: times('batch', directions) }],
    });
  },
};

/** Most numbers of r that an invocation keeps: more are no longer registers. */
const keptMost = 256;

/** Rows of r of an invocation. */
function rowsOf(problem: Problem, workgroup: number): number {
  const { hidden, gates, early } = sizesOf(problem);
  return Math.ceil((early * hidden) / workgroup) + (early < gates ? Math.ceil(hidden / workgroup) : 0);
}

/** Storage buffers of all tensors at once. */
function boundTensors(problem: Problem): number {
  const { states, memory, lengths, sequence } = problem.options;
  const of = (state: typeof states): number =>
    state === 'both' ? 2 : state === 'none' || state === 'off' ? 0 : 1;
  const filling = Object.keys(cellOf(problem).bindings ?? {}).length;
  return 2 + of(states) + of(memory) + (lengths ? 1 : 0) + (sequence ? 1 : 0) + filling;
}
