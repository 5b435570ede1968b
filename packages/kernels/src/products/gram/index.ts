import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import gramWgsl from './gram.wgsl';
import quadsWgsl from './quads.wgsl';
import scalarsWgsl from './scalars.wgsl';

function program(problem: Problem, plan: Plan): Program {
  const { k } = problem.axes as { k: number };
  const squares = Math.ceil(k / 64);
  return assemble({
    kernel: gram,
    problem,
    plan,
    // The loop's constant bound; the uniform `rows` ends it.
    constants: { K: k, SQUARES: squares, MOST_ROWS: 0xffff_ffff },
    views: { x: { width: k % 4 === 0 ? 4 : 1 } },
    wgsl: [gramWgsl, k % 4 === 0 ? quadsWgsl : scalarsWgsl],
    dispatches: [{ entryPoint: 'main', workgroups: squares * squares }],
  });
}

/**
 * gram += xᵀ · x.
 *
 * Adds the inner products of the columns of `x` to a running sum: the second-order statistics that calibration needs,
 * gathered chunk of rows by chunk.
 *
 * `x` is `[rows, k]` f32 or f16; `gram` `[k, k]` f32, symmetric, in place. Rows are summed in order in f32.
 */
export const gram: Kernel<'x', 'gram'> = /* @__PURE__ */ defineKernel({
  name: 'gram',
  axes: { rows: 'dynamic', k: 'static' },
  inputs: { x: { shape: ['rows', 'k'], order: 'rows' } },
  outputs: { gram: { shape: ['k', 'k'], dtype: 'f32', inOut: true } },
  dtypes: ['f32', 'f16'],
  variants: [{ name: 'baseline', program }],
});
