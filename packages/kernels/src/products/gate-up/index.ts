import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { swiGlu } from '../fillings/activation.ts';
import { linearSlots, readsWeight } from '../contract.ts';
import { gemvVariants } from '../gemv.ts';
import { type Linear, tiledLinear } from '../program.ts';
import { threadTiles } from '../thread-tile.ts';
import { softwareTiles } from '../tiles.ts';
import { workgroupTile } from '../workgroup-tile.ts';
import resultWgsl from './result.wgsl';

const linear: Linear = {
  columns: ({ axes }) => axes.f!,
  parts: 2,
  result: resultWgsl,
  mostRows: 8,
};
const tiled = /* @__PURE__ */ tiledLinear(linear);

/**
 * y = silu(a · gateᵀ) · (a · upᵀ), gate and up stacked in one weight.
 *
 * The first half of a gated feed-forward layer: `y = epilogue(activation(a · gateᵀ, a · upᵀ))`, by default
 * `silu(gate) · up`, in one pass over `a`.
 *
 * `a` is `[batch, m, k]`, `y` `[batch, m, f]`, f32 or f16. `b` is a weight `[2f, k]` in any format: the rows of gate,
 * then the rows of up (`concatRows([gate, up])`). The axis `stacked` is 2f. For few rows and for many.
 *
 * @throws `bad-shape` where `stacked` is not 2f.
 */
export const gateUp: Kernel<'a' | 'b', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'gate-up',
  axes: { batch: 'dynamic', m: 'dynamic', f: 'static', stacked: 'static', k: 'static' },
  inputs: {
    a: { shape: ['batch', 'm', 'k'], order: 'rows', isReread: true },
    b: { shape: ['stacked', 'k'], dtype: 'weight' },
  },
  outputs: { y: { shape: ['batch', 'm', 'f'], order: 'rows' } },
  slots: {
    ...linearSlots,
    // A formula of gate and up, of four neighbouring columns.
    activation: { default: swiGlu },
  },
  dtypes: ['f32', 'f16'],
  supports: readsWeight,
  validate: (problem) => {
    const { f, stacked } = problem.axes as { f: number; stacked: number };
    if (stacked !== 2 * f)
      throw new TilewrightError('bad-shape', {
        subject: 'gate-up',
        problem: `the weight has ${stacked} rows for ${f} columns of y`,
        requirement: 'it holds f rows of gate and then f rows of up',
        fix: `give axes.stacked ${2 * f}`,
      });
  },
  variants: [...gemvVariants(linear), workgroupTile(tiled), ...threadTiles(tiled, softwareTiles)],
});
