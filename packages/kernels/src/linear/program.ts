import { assemble, type AssembleInput, type ScratchView } from '../core/assemble.ts';
import type { Feature } from '../core/capabilities.ts';
import type { Plan, Problem, Program } from '../core/contract.ts';
import type { Kernel } from '../core/define-kernel.ts';
import type { Extent } from '../core/extent.ts';
import { observeNothing } from '../fillings/observe-a.ts';
import { weightReader } from '../weights/reader.ts';
import { layoutOfB } from './contract.ts';
import aQuads from './a.quads.wgsl';
import aScalars from './a.scalars.wgsl';
import bWeight from './b.weight.wgsl';
import { productFrame, slotsBehind } from './frame.ts';
import rowsWgsl from './rows.wgsl';
import type { Tiled } from './tiled.ts';
import yQuads from './y.quads.wgsl';
import yScalars from './y.scalars.wgsl';

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

/** Whether a filling gathers something of each row of a. */
export const observesA = ({ slots }: Problem): boolean =>
  (slots.observe_a ?? observeNothing).id !== observeNothing.id;

/** Whether y is bound, which an epilogue may leave out. */
export const storesY = ({ slots }: Problem): boolean =>
  !Object.values(slots).some(({ omits = [] }) => omits.includes('y'));

/** The Program of a product with a weight: its parts in any layout, and the second dispatch of a split. */
export function linearProgram(linear: Linear, input: LinearProgram): Program {
  const { problem, plan, splits, workgroups, before } = input;
  const { parts } = linear;
  const columns = linear.columns(problem);
  const k = problem.axes.k!;
  const reader = weightReader(layoutOfB(problem), parts * columns, k, input.denseQuadsPerBlock);
  const quads = { a: k % 4 === 0, y: columns % 4 === 0 };
  const frame = productFrame({
    problem,
    columns,
    parts,
    observes: observesA(problem),
    quadsPerBlock: reader.constants.BLOCK_QUADS!,
    workgroups,
    splits,
  });
  const written = Object.keys(before?.scratch ?? {});
  return assemble({
    kernel: linear.kernel(),
    problem,
    plan,
    requires: input.requires ?? [],
    constants: { ...frame.constants, DOT_ROWS: 2, ...reader.constants, ...input.constants },
    views: { a: { width: quads.a ? 4 : 1 }, b: reader.view, y: { width: quads.y ? 4 : 1 } },
    scratch: { ...frame.scratch, ...before?.scratch },
    wgsl: [
      rowsWgsl,
      quads.a ? aQuads : aScalars,
      bWeight,
      ...(storesY(problem) ? [quads.y ? yQuads : yScalars] : []),
      ...reader.wgsl,
      linear.result,
      frame.wgsl,
      ...input.wgsl,
    ],
    dispatches: before
      ? [
          { ...before, bindings: ['a', ...written], slots: ['load_a', 'observe_a'] },
          { ...frame.dispatches[0]!, bindings: ['b', 'y', ...written], slots: slotsBehind(problem) },
        ]
      : frame.dispatches,
  });
}

/** A product with a weight, for the variants with tiles. */
export const tiledLinear = (linear: Linear): Tiled => ({
  ...linear,
  program: (input) => linearProgram(linear, input),
});
