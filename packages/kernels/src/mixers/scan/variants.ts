// Scans of any associative operation along the tokens of [batch, tokens, channels]: a walk, and a parallel form that scans
// chunks within a workgroup and carries what they come to from chunk to chunk in a dispatch of its own.
import type { AssembleInput } from '../../contract/assemble.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { Kernel, Plan, Problem, Program, Variant } from '../../contract/contract.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import type { UniformType } from '../../contract/storage-type.ts';
import { vector } from '../../contract/tensor-access.ts';
import { rowWidth, valueWgsl } from '../../rows/index.ts';
import { chunkSlots, chunkSlotsWgsl, sequencesWgsl, startsBinding, stateCount } from '../sequences/index.ts';
import chunkWgsl from './chunk.wgsl';
import chunksWgsl from './chunks.wgsl';
import oneChunkWgsl from './one-chunk.wgsl';
import walkWgsl from './walk.wgsl';

/** What is combined. */
export interface ScanAlgebra {
  /** Declares `Element`, `identity() -> Element`, and `combine(earlier, later) -> Element`, which is associative. */
  readonly wgsl: string;
  /** `carry_load(i)` and `carry_store(i, element)` in terms of `carries_load` and `carries_store`, which count values. */
  readonly carry: string;
  /** Values (one number, or four neighbouring channels) of an element. */
  readonly values: number;
}

/** Bindings by what the kernel's WGSL does with them; all of them channels side by side. */
export interface ScanBindings {
  /** `scan_load(batch, token, unit) -> Element`. */
  readonly load: readonly string[];
  /** `scan_start(batch, unit) -> Element`: the state before the first token. */
  readonly start: readonly string[];
  /** `scan_emit(batch, token, unit, before: Element, prefix: Element)`: what all before a token come to, and with it. */
  readonly emit: readonly string[];
  /** `scan_finish(batch, unit, whole: Element)`: the state after the last token. */
  readonly finish: readonly string[];
}

export interface ScanOptions {
  readonly algebra: ScanAlgebra;
  /** Lines side by side; default the axis `channels`. */
  readonly channels?: (problem: Problem) => number;
  /** The type of the numbers of an element; default f32. */
  readonly type?: (problem: Problem) => UniformType;
  /** Chunks of few lines have more tokens. */
  readonly narrow?: boolean;
  readonly bindings: (problem: Problem) => ScanBindings;
  readonly program: (problem: Problem, plan: Plan, parts: ScanParts) => Program;
}

/**
 * What a scan hands on to `assemble`; the axes are `batch`, `tokens` and `channels`. `batch` in WGSL is the number of a sequence, `token`
 * counts from its first; `sequence_of` says where that lies.
 */
export type ScanParts = Pick<AssembleInput, 'kernel' | 'constants' | 'scratch' | 'wgsl' | 'dispatches'> & {
  readonly width: 1 | 4;
};

const workgroup = 64;

type ChunkPlan = {
  /** Neighbouring units of a workgroup. */
  readonly lanes: number;
  /** Stretches of a chunk, each an invocation's. */
  readonly segments: number;
  /** Tokens of a segment. */
  readonly steps: number;
};

/** A walk and a parallel form, the better guess first. */
export function scanVariants({
  algebra,
  channels = ({ axes }) => axes.channels!,
  type = () => 'f32',
  narrow = false,
  bindings,
  program,
}: ScanOptions): readonly Variant[] {
  const parts = (problem: Problem, kernel: Kernel): ScanParts & { readonly units: number } => {
    const width = rowWidth(channels(problem));
    const units = channels(problem) / width;
    const number = type(problem);
    return {
      kernel,
      width,
      units,
      constants: { UNITS: units, WORKGROUP: workgroup, MANY: 0x3fff_ffff },
      wgsl: [
        number === 'f32' ? valueWgsl[width] : `alias Value = ${vector(number, width)};`,
        algebra.wgsl,
        sequencesWgsl(problem),
      ],
      dispatches: [],
    };
  };
  const lines = (problem: Problem, units: number): ScanParts['dispatches'][number]['workgroups'] =>
    ceilDiv(times(stateCount(problem), units), workgroup);
  return [
    {
      name: 'walk',
      rank: (problem, capabilities) => (walks(problem, channels(problem), capabilities) ? 0 : 2),
      program: (problem, plan, kernel) => {
        const { units, ...common } = parts(problem, kernel);
        return program(problem, plan, {
          ...common,
          wgsl: [...common.wgsl, walkWgsl],
          dispatches: [{ entryPoint: 'main', workgroups: lines(problem, units) }],
        });
      },
    },
    {
      name: 'chunks',
      rank: () => 1,
      plans: (problem, capabilities) =>
        chunkPlans(channels(problem), capabilities).map((plan) => ({
          ...(narrow ? narrowed(plan, channels(problem)) : plan),
        })),
      program: (problem, plan, kernel) => {
        const { lanes, segments, steps } = plan as Plan & ChunkPlan;
        const { units, width, ...common } = parts(problem, kernel);
        const chunk = segments * steps;
        const one = problem.axes.tokens! <= chunk;
        const tiles = Math.ceil(units / lanes);
        const slots = chunkSlots(problem, chunk);
        const starts = startsBinding(problem);
        const { load, start, emit, finish } = bindings(problem);
        return program(problem, plan, {
          kernel,
          width,
          constants: { ...common.constants, LANES: lanes, SEGMENTS: segments, STEPS: steps },
          wgsl: [
            ...common.wgsl,
            chunkSlotsWgsl(problem),
            chunkWgsl,
            ...(one ? [oneChunkWgsl] : [chunksWgsl, algebra.carry]),
          ],
          // A chunk without a second one has nothing to carry.
          scratch: one
            ? {}
            : {
                carries: {
                  width,
                  dtype: type(problem),
                  sizeBytes: times(slots, units * algebra.values * width * 4),
                },
              },
          dispatches: one
            ? [
                {
                  entryPoint: 'main',
                  workgroups: times(stateCount(problem), tiles),
                },
              ]
            : [
                {
                  entryPoint: 'totals',
                  workgroups: times(slots, tiles),
                  bindings: [...load, 'carries', ...starts],
                },
                {
                  entryPoint: 'carry',
                  workgroups: lines(problem, units),
                  bindings: [...new Set([...start, 'carries', ...finish, ...starts])],
                },
                {
                  entryPoint: 'emit',
                  workgroups: times(slots, tiles),
                  bindings: [...load, 'carries', ...emit, ...starts],
                },
              ],
        });
      },
    },
  ];
}

/** Short lines, or lines enough for the device, leave nothing to gain from reading everything twice. */
function walks({ axes }: Problem, channels: number, { software }: Capabilities): boolean {
  const lines = ((axes.sequences ?? axes.batch!) * channels) / rowWidth(channels);
  return axes.tokens! <= 32 || lines >= (software ? 64 : 32_768);
}

/** Chunks that fit into the registers and the memory of a workgroup. */
function chunkPlans(channels: number, { software, limits }: Capabilities): readonly ChunkPlan[] {
  // A CPU's compiler takes seconds for long loops, and its workgroups share a thread.
  if (software) return [{ lanes: 8, segments: 4, steps: 8 }];
  const wide = rowWidth(channels) === 4;
  const steps = wide ? 4 : 8;
  const invocations = Math.min(256, limits.maxComputeInvocationsPerWorkgroup);
  return [16, 32].map((lanes) => ({ lanes, segments: invocations / lanes, steps }));
}

/** The same number of invocations over no more units than there are. */
function narrowed({ lanes, segments, steps }: ChunkPlan, channels: number): ChunkPlan {
  const units = channels / rowWidth(channels);
  const side = Math.min(lanes, 2 ** Math.ceil(Math.log2(units)));
  return { lanes: side, segments: (lanes * segments) / side, steps };
}
