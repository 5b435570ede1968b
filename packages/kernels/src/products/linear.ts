import type { AssembleInput, ScratchView } from '../contract/assemble.ts';
import type { Feature } from '../contract/capabilities.ts';
import type { Kernel, Plan, Problem } from '../contract/contract.ts';
import type { Extent } from '../contract/extent.ts';

/** What tells matmul, gemv and gate-up apart. */
export interface Linear {
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
  readonly kernel: Kernel;
  readonly problem: Problem;
  readonly plan: Plan;
  readonly requires?: readonly Feature[];
  /** The variant's own files, with the entry point `main`. */
  readonly wgsl: readonly string[];
  readonly constants: AssembleInput['constants'];
  /** Quads of a block, of weights whose rows may be cut at will. */
  readonly freeBlockQuads: number;
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
