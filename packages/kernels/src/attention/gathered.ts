// Programs of the kernels whose queries name their keys, on gathered-scores.wgsl.
import { assemble, type AssembleInput } from '../contract/assemble.ts';
import type { Capabilities } from '../contract/capabilities.ts';
import type { Plan, Problem, Program } from '../contract/contract.ts';
import type { Kernel } from '../contract/define-kernel.ts';
import { ceilDiv, type Extent } from '../contract/extent.ts';
import type { SlotContract } from '../contract/filling.ts';
import { listedKeys } from './fillings/listed-keys.ts';
import gatheredWgsl from './gathered-scores.wgsl';
import placeWgsl from './place.wgsl';
import { everyMode } from './modes.ts';
import { attentionConstants, attentionPrelude, fragmentWidths } from './program.ts';
import type { SelectReference } from './select.ts';

/** The keys of a query: lists, neighbourhoods. */
export const selectSlot: SlotContract<SelectReference> = {
  default: /* @__PURE__ */ listedKeys(),
};

/** Keys and scores that wait in workgroup memory, 8 bytes for each invocation and key. */
const most = 2048;

/** An invocation has a row: on CPUs as many as a vector has lanes, several turns of them; on GPUs a full workgroup. */
export function gatheredPlans(variant: string): (problem: Problem, capabilities: Capabilities) => Plan[] {
  return ({ axes }, { software }) =>
    (software ? [8, 16] : [64, 32]).map((threads) => ({
      variant,
      threads,
      chunk: Math.min(most / threads, Math.max(8, 2 ** Math.ceil(Math.log2(axes.selected!)))),
      steps: software ? 4 : 1,
    }));
}

interface GatheredParts extends Pick<AssembleInput, 'wgsl' | 'views'> {
  /** The problem as flash-attention sees it. */
  readonly settings: Problem;
  readonly rows: Extent;
}

/** gathered-scores.wgsl and what a kernel makes of it, one invocation to a row. */
export function gatheredProgram(kernel: Kernel, problem: Problem, plan: Plan, parts: GatheredParts): Program {
  const width = fragmentWidths(parts.settings);
  const [threads, steps] = [Number(plan.threads), Number(plan.steps)];
  return assemble({
    kernel,
    problem,
    plan,
    constants: {
      ...attentionConstants(parts.settings),
      THREADS: threads,
      STEPS: steps,
      CHUNK: Number(plan.chunk),
      // The blocks of the other attention kernels, which the file of shared places knows; here nothing asks for one.
      PACK: 1,
      SPLITS: 1,
      TILE_ROWS: 1,
      TILE_KEYS: 1,
    },
    views: { q: { width: width.qk }, k: { width: width.qk }, ...parts.views },
    wgsl: [...parts.wgsl, gatheredWgsl, placeWgsl, ...attentionPrelude(parts.settings, everyMode)],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(parts.rows, threads * steps) }],
  });
}
