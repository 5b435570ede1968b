import type { Feature } from '../../contract/capabilities.ts';
import type { Plan, Problem, Variant } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { formatOfB, linearSlots, readerOfB, weightB } from '../contract.ts';
import { rowCount } from '../frame.ts';
import productWgsl from '../product.wgsl';
import { type Linear, linearProgram } from '../program.ts';
import dotWgsl from './dot-codes.wgsl';
import packedWgsl from './dot-codes.packed.wgsl';
import matmulWgsl from './matmul-int8.wgsl';
import quantizeWgsl from './quantize.wgsl';

const linear: Linear = {
  kernel: () => matmulInt8,
  columns: ({ axes }) => axes.n!,
  parts: 1,
  result: productWgsl,
};

/** Columns of a row of the activation that share a step. */
const perBlock = 32;

/**
 * y = epilogue(round(a) · bᵀ), a rounded to int8, b integers of 1 to 8 bits.
 *
 * `matmul` that rounds its activation to int8 on the way: `y = epilogue(round(a) · bᵀ)`, for weights of 1 to 8 bits.
 *
 * Each 32 columns of a row of `a`, as `load_a` gives it, become 8-bit codes with a step of their largest over 127 (and up to
 * 1/128 more), and codes meet codes in packed dot products: faster than f32 where a GPU has the instruction. It costs
 * accuracy, so nothing chooses it unasked: an element moves by half a step at most,
 * `|error of y| ≤ Σ_blocks step / 2 · Σ_columns |b|`; a normally distributed activation gives 0.55 % of y's spread.
 * The oracle rounds in the same way, to the bit, and holds the rest to f32's accuracy.
 * Only formats with an integer face are read: integers whose groups are whole blocks of 32 columns, with scales that need no f32.
 */
export const matmulInt8: Kernel<'a' | 'b', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'matmul-int8',
  axes: { batch: 'dynamic', m: 'dynamic', n: 'static', k: 'static' },
  inputs: {
    a: { shape: ['batch', 'm', 'k'], order: 'rows', isReread: true },
    b: weightB,
  },
  outputs: { y: { shape: ['batch', 'm', 'n'], order: 'rows' } },
  slots: linearSlots,
  dtypes: ['f32', 'f16'],
  supports: (problem) =>
    readerOfB(problem)?.codeOffset !== undefined ||
    `weights stored as ${formatOfB(problem).name} have no 8-bit codes for int8 activations to meet`,
  variants: [
    variant('packed', packedWgsl, ['packed_4x8_integer_dot_product']),
    variant('baseline', dotWgsl, []),
  ],
});

/** A dispatch that rounds the activation, and one whose invocations hold a tile of y in registers. */
function variant(name: string, dot: string, requires: readonly Feature[]): Variant {
  return {
    name,
    requires,
    plans: ({ axes }, { software }) => {
      // More rows take software adapters longer to compile than they save.
      const rows = Math.min(software ? 4 : 8, 2 ** Math.ceil(Math.log2(axes.batch! * axes.m!)));
      return [{ rows, lanes: 32 }];
    },
    program: (problem: Problem, plan: Plan) => {
      const { rows, lanes } = plan as Plan & { rows: number; lanes: number };
      const blocks = Math.ceil(problem.axes.k! / perBlock);
      const tilesN = Math.ceil(problem.axes.n! / (4 * lanes));
      return linearProgram(linear, {
        problem,
        plan,
        requires,
        splits: 1,
        freeBlockQuads: 1,
        wgsl: [quantizeWgsl, dot, matmulWgsl],
        constants: {
          TILE_M: rows,
          WORKGROUP: lanes,
          TILES_N: tilesN,
          CODE_OFFSET: readerOfB(problem).codeOffset!,
        },
        workgroups: times(ceilDiv(rowCount, rows), tilesN),
        before: {
          entryPoint: 'quantize',
          workgroups: ceilDiv(times(rowCount, blocks), 64),
          scratch: {
            a_codes: {
              dtype: 'u32',
              sizeBytes: times(rowCount, perBlock * blocks),
            },
            a_blocks: { width: 4, sizeBytes: times(rowCount, 16 * blocks) },
          },
        },
      });
    },
  };
}
