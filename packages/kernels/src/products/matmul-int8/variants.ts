// What products of int8 codes share, whatever columns of an activation have a step in common.
import type { Feature } from '../../contract/capabilities.ts';
import type { Plan, Problem, Variant } from '../../contract/contract.ts';
import { ceilDiv, type Extent, times } from '../../contract/extent.ts';
import { formatOfB, readerOfB } from '../contract.ts';
import { rowCount } from '../frame.ts';
import { type Linear, linearProgram } from '../program.ts';
import dotWgsl from './dot-codes.wgsl';
import packedWgsl from './dot-codes.packed.wgsl';
import matmulWgsl from './matmul-int8.wgsl';
import stepsWgsl from './steps.wgsl';

/** Columns of a block of codes. */
const perBlock = 32;

/** How an activation becomes codes. */
export interface Rounding {
  /** WGSL with the entry point `quantize`, which fills `a_codes` and `a_blocks`. */
  readonly wgsl: string;
  /** Workgroups that it takes for rows of so many blocks. */
  readonly workgroups: (blocks: number) => Extent;
  /** The problem with the weight's format as kernels read it, where the format says more than that. */
  readonly asStored?: (problem: Problem) => Problem;
}

/** Whether there are codes for codes of an activation to meet: true, or why not. */
export const hasCodes = (problem: Problem): true | string =>
  formatOfB(problem).reader?.codeOffset !== undefined ||
  `weights stored as ${formatOfB(problem).name} have no 8-bit codes for int8 activations to meet`;

/** By the packed dot product where there is one, and taken apart by hand: the same bits. */
export const int8Variants = (linear: Linear, rounding: Rounding): readonly Variant[] => [
  variant(linear, rounding, 'packed', packedWgsl, ['packed_4x8_integer_dot_product']),
  variant(linear, rounding, 'baseline', dotWgsl, []),
];

/** A dispatch that rounds the activation, and one whose invocations hold a tile of y in registers. */
function variant(
  linear: Linear,
  rounding: Rounding,
  name: string,
  dot: string,
  requires: readonly Feature[],
): Variant {
  return {
    name,
    requires,
    plans: ({ axes }, { software }) => {
      // More rows take software adapters longer to compile than they save.
      const rows = Math.min(software ? 4 : 8, 2 ** Math.ceil(Math.log2(axes.batch! * axes.m!)));
      return [{ rows, lanes: 32 }];
    },
    program: (asked, plan, kernel) => {
      const problem = rounding.asStored?.(asked) ?? asked;
      const { rows, lanes } = plan as Plan & { rows: number; lanes: number };
      const blocks = Math.ceil(problem.axes.k! / perBlock);
      const tilesN = Math.ceil(problem.axes.n! / (4 * lanes));
      return linearProgram(linear, {
        kernel,
        problem,
        plan,
        requires,
        splits: 1,
        freeBlockQuads: 1,
        wgsl: [rounding.wgsl, stepsWgsl, dot, matmulWgsl],
        constants: {
          TILE_M: rows,
          WORKGROUP: lanes,
          TILES_N: tilesN,
          CODE_OFFSET: readerOfB(problem).codeOffset!,
        },
        workgroups: times(ceilDiv(rowCount, rows), tilesN),
        before: {
          entryPoint: 'quantize',
          workgroups: rounding.workgroups(blocks),
          scratch: {
            a_codes: { dtype: 'u32', sizeBytes: times(rowCount, perBlock * blocks) },
            a_blocks: { width: 4, sizeBytes: times(rowCount, 16 * blocks) },
          },
        },
      });
    },
  };
}
