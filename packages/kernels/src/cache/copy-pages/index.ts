import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import copyPagesWgsl from './copy-pages.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { inner } = problem.axes as { inner: number };
  const width = inner % 4 === 0 ? 4 : 1;
  const units = inner / width;
  return assemble({
    kernel: copyPages,
    problem,
    plan,
    constants: { UNITS: units, WORKGROUP: workgroup },
    views: { pool: { width }, pairs: { width: 2 } },
    wgsl: [copyPagesWgsl],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('copies', units), workgroup) }],
  });
}

/**
 * pool[to] = pool[from] for every pair of pages, in place.
 *
 * Copies pages of a pool within it: what a sequence needs that writes into a page which others share (`pageTable`).
 *
 * `pool` is `[pages, inner]`, f32 or f16, `inner` being the elements of a page, `kv_heads · page_size · head_size`; `pairs`
 * u32 `[copies, 2]`: from, to. Pairs beyond the pool are left out. No page may be written twice, or read and written.
 */
export const copyPages: Kernel<'pairs', 'pool'> = /* @__PURE__ */ defineKernel({
  name: 'copy-pages',
  axes: { pages: 'dynamic', inner: 'static', copies: 'dynamic', pair: 'static' },
  inputs: { pairs: { shape: ['copies', 'pair'], dtype: 'u32' } },
  outputs: { pool: { shape: ['pages', 'inner'], inOut: true } },
  dtypes: ['f32', 'f16'],
  variants: [{ name: 'baseline', program }],
});
