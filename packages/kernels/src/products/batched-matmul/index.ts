import { assemble } from '../../contract/assemble.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import type { Program } from '../../contract/contract.ts';
import { storeEpilogue } from '../fillings/epilogue.ts';
import { plainA } from '../fillings/load-a.ts';
import { linearSlots } from '../contract.ts';
import { productFrame } from '../frame.ts';
import productWgsl from '../product.wgsl';
import type { LinearProgram } from '../program.ts';
import { threadTiles } from '../thread-tile.ts';
import type { Tiled } from '../tiled.ts';
import { softwareTiles } from '../tiles.ts';
import { workgroupTile } from '../workgroup-tile.ts';
import { productAccess } from './access.ts';
import { validateProduct } from './orders.ts';
import rowsWgsl from './rows.wgsl';

const tiled: Tiled = { columns: ({ axes }) => axes.n!, parts: 1, batched: true, program };

function program(input: LinearProgram): Program {
  const { kernel, problem, plan, requires = [] } = input;
  const { across, filled, widths, wgsl } = productAccess(problem, plan.variant !== 'workgroup-tile');
  const quadsPerBlock = input.freeBlockQuads;
  const { constants, ...frame } = productFrame({
    ...input,
    columns: problem.axes.n!,
    parts: 1,
    observes: false,
    quadsPerBlock,
  });
  return assemble({
    kernel,
    problem,
    plan,
    requires,
    constants: {
      ...constants,
      BLOCK_QUADS: quadsPerBlock,
      ALPHA: { f32: problem.scalars.alpha! },
      FILLED: filled,
      // Rows up to which a tile takes dot products; squares that are read along n have none to take.
      DOT_ROWS: across ? 0 : 2,
      ...input.constants,
    },
    views: { a: { width: widths.a }, b: { width: widths.b }, y: { width: widths.y } },
    scratch: frame.scratch,
    wgsl: [rowsWgsl, ...wgsl, productWgsl, frame.wgsl, ...input.wgsl],
    dispatches: frame.dispatches,
  });
}

/**
 * y = epilogue(alpha · a · b), both activations, in any order of memory.
 *
 * The product of two activations: `y = epilogue(alpha · a · b)` for every batch.
 *
 * `a` is `[batch, m, k]`, `b` `[batch, k, n]`, `y` `[batch, m, n]`, f32 or f16; sums are f32. `transpose_a` and
 * `transpose_b` say that a is stored `[batch, k, m]` or b `[batch, n, k]`. `a_strides`, `b_strides` and `y_strides` name any
 * other order of memory, from the outermost digit to the innermost: `bmk` and its permutations, or digits with spaces
 * between them (`m b b:8 k` has 8 heads side by side in a row). `(b:4)` repeats what it is over 4 values, as a letter left
 * out repeats it over all; `k+3/17` is part of a row of 17; `1/3` is a slice of three.
 *
 * The three tensors may have any shape: `a_size`, `b_size` and `y_size` count their elements, and {@link batchedMatmulAxes}
 * gives all axes. `batch` and `m` may shrink from run to run (counted digits of theirs must still divide them); 0 of either
 * computes nothing. `n` and `k` are at least 1.
 *
 * @throws `bad-argument` for an order that cannot be read, or whose elements of `y` overlap; `bad-shape` for one that the
 *   sizes do not fit, or that reaches past a tensor.
 */
export const batchedMatmul: Kernel<'a' | 'b', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'batched-matmul',
  axes: {
    batch: 'dynamic',
    m: 'dynamic',
    n: 'static',
    k: 'static',
    a_size: 'static',
    b_size: 'static',
    y_size: 'static',
  },
  inputs: {
    a: { shape: ['a_size'], flat: true, order: { option: 'a_strides', letters: 'bmk' } },
    b: { shape: ['b_size'], flat: true, order: { option: 'b_strides', letters: 'bkn' } },
  },
  outputs: { y: { shape: ['y_size'], flat: true, order: { option: 'y_strides', letters: 'bmn' } } },
  scalars: { alpha: 1 },
  options: {
    transpose_a: [false, true],
    transpose_b: [false, true],
    a_strides: ['bmk'],
    b_strides: ['bkn'],
    y_strides: ['bmn'],
  },
  slots: {
    load_a: linearSlots.load_a,
    // fn load_b(column: u32, quad: u32, v: vec4<f32>) -> vec4<f32>: k from 4·quad to 4·quad + 3 of a column of b,
    // stored as v and zero beyond k, as the product takes them; column counts over batches, n to each.
    load_b: { default: plainA },
    epilogue: { ...linearSlots.epilogue, default: storeEpilogue },
  },
  dtypes: ['f32', 'f16'],
  validate: validateProduct,
  variants: [
    workgroupTile(tiled),
    ...threadTiles(tiled, (problem, capabilities) =>
      softwareTiles({ ...problem, axes: { ...problem.axes, batch: 1 } }, capabilities),
    ),
  ],
});
export { batchedMatmulAxes, type ProductSizes } from './orders.ts';
