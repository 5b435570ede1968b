import { assemble, type AssembleInput, type ScratchView } from '../core/assemble.ts';
import type { Feature } from '../core/capabilities.ts';
import type { Plan, Problem, Program } from '../core/contract.ts';
import type { Kernel } from '../core/define-kernel.ts';
import { ceilDiv, type Extent, times } from '../core/extent.ts';
import { observeNothing } from '../fillings/observe-a.ts';
import { weightReader } from '../weights/reader.ts';
import { layoutOfB } from './contract.ts';
import aQuads from './a.quads.wgsl';
import aScalars from './a.scalars.wgsl';
import finishSplit from './finish.split.wgsl';
import finishWhole from './finish.whole.wgsl';
import rowsWgsl from './rows.wgsl';
import yQuads from './y.quads.wgsl';
import yScalars from './y.scalars.wgsl';

/** Rows of the product. */
export const rowCount: Extent = times('batch', 'm');

/** What tells matmul, gemv and gate-up apart. */
export interface Linear {
  readonly kernel: () => Kernel;
  /** Output columns. */
  readonly columns: (problem: Problem) => number;
  /** Products that each output column needs; part p's weight rows begin at `p · columns`. */
  readonly parts: number;
  /** WGSL of `fn result(v: array<vec4<f32>, PARTS>, factor: f32) -> vec4<f32>`: the parts of a quad put together. */
  readonly result: string;
  /** Beyond so many rows variants for few rows are not offered. */
  readonly mostRows?: number;
}

export interface LinearProgram {
  readonly problem: Problem;
  readonly plan: Plan;
  readonly requires?: readonly Feature[];
  /** The variant's own files, with the entry point `main`. */
  readonly wgsl: readonly string[];
  readonly constants: AssembleInput['constants'];
  /** Dense weights are read in blocks of this many quads. */
  readonly denseQuadsPerBlock: number;
  /** Workgroups of `main`, before it is split along K. */
  readonly workgroups: Extent;
  /** Shares of K that different workgroups add up; 1 for no split. */
  readonly splits: number;
  /** A dispatch that takes the place of `a`, `load_a` and `observe_a` in `main`, and what it writes for it. */
  readonly before?: {
    readonly entryPoint: string;
    readonly workgroups: Extent;
    readonly scratch: Readonly<Record<string, ScratchView>>;
  };
}

/** The Program of a product with a weight: its parts in any layout, and the second dispatch of a split. */
export function linearProgram(linear: Linear, input: LinearProgram): Program {
  const { problem, plan, splits, before } = input;
  const { parts } = linear;
  const columns = linear.columns(problem);
  const k = problem.axes.k!;
  const reader = weightReader(layoutOfB(problem), parts * columns, k, input.denseQuadsPerBlock);
  const quads = { a: k % 4 === 0, y: columns % 4 === 0 };
  const observes = problem.slots.observe_a!.id !== observeNothing.id;
  const storesY = !Object.values(problem.slots).some((filling) => filling.omits?.includes('y'));
  const kBlocks = Math.ceil(k / (4 * reader.constants.BLOCK_QUADS!));
  const partial: ScratchView = {
    width: 4,
    sizeBytes: times(times(rowCount, splits), 16 * (parts * Math.ceil(columns / 4) + Number(observes))),
  };
  const main = {
    entryPoint: 'main',
    workgroups: times(input.workgroups, splits),
    bindings: ['a', 'b', 'partial'],
    slots: ['load_a', 'observe_a'],
  };
  const combine = {
    entryPoint: 'combine',
    workgroups: ceilDiv(times(rowCount, Math.ceil(columns / 4)), 64),
    bindings: ['partial', 'y'],
    slots: Object.keys(problem.slots).filter((slot) => slot !== 'load_a'),
  };
  const whole = { entryPoint: 'main', workgroups: input.workgroups };
  const written = Object.keys(before?.scratch ?? {});
  const first = { ...before!, bindings: ['a', ...written], slots: ['load_a', 'observe_a'] };
  const second = {
    ...whole,
    bindings: ['b', 'y', ...written],
    slots: Object.keys(problem.slots).filter((slot) => slot !== 'load_a'),
  };
  return assemble({
    kernel: linear.kernel(),
    problem,
    plan,
    requires: input.requires ?? [],
    constants: {
      N: columns,
      N_QUADS: Math.ceil(columns / 4),
      K: k,
      K_QUADS: Math.ceil(k / 4),
      K_BLOCKS: kBlocks,
      PARTS: parts,
      OBSERVE: observes,
      SPLITS: splits,
      SPLIT_BLOCKS: Math.ceil(kBlocks / splits),
      ...reader.constants,
      ...input.constants,
    },
    views: { a: { width: quads.a ? 4 : 1 }, b: reader.view, y: { width: quads.y ? 4 : 1 } },
    scratch: { ...(splits > 1 && { partial }), ...before?.scratch },
    wgsl: [
      rowsWgsl,
      quads.a ? aQuads : aScalars,
      ...(storesY ? [quads.y ? yQuads : yScalars] : []),
      ...reader.wgsl,
      linear.result,
      splits > 1 ? finishSplit : finishWhole,
      ...input.wgsl,
    ],
    dispatches: splits > 1 ? [main, combine] : before ? [first, second] : [whole],
  });
}
