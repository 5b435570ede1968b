import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { sectionNamed } from '../../weights/sections.ts';
import words from '../../weights/words.wgsl';
import aQuads from '../a.quads.wgsl';
import aScalars from '../a.scalars.wgsl';
import { formatOfB, linearSlots, weightB } from '../contract.ts';
import { rowCount } from '../frame.ts';
import { observesA, storesY } from '../program.ts';
import rowsWgsl from '../rows.wgsl';
import yQuads from '../y.quads.wgsl';
import yScalars from '../y.scalars.wgsl';
import blockSparseWgsl from './block-sparse-matmul.wgsl';
import { type BlockSparseFormat, isBlockSparse } from './format.ts';
import valuesF16 from './values.f16.wgsl';
import valuesF32 from './values.f32.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { n, k } = problem.axes as { n: number; k: number };
  const format = formatOfB(problem) as BlockSparseFormat;
  const { height, width, dtype } = format;
  const [columnQuads, rowQuads] = [Math.ceil(n / 4), Math.ceil(k / 4)];
  return assemble({
    kernel: blockSparseMatmul,
    problem,
    plan,
    constants: {
      N: n,
      N_QUADS: columnQuads,
      K: k,
      K_QUADS: rowQuads,
      BLOCK_QUADS: width / 4,
      PARTS: 1,
      OBSERVE: observesA(problem),
      BLOCK_HEIGHT: height,
      WIDTH_QUADS: width / 4,
      BLOCK_ROWS: Math.ceil(n / height),
      BLOCK_COLUMNS: Math.ceil(k / width),
      B_COLUMNS: sectionNamed(format.sections([n, k]).sections, 'columns').offset / 4,
      WORKGROUP: workgroup,
    },
    views: {
      a: { width: k % 4 === 0 ? 4 : 1 },
      b: { dtype: 'u32', width: 4 },
      y: { width: n % 4 === 0 ? 4 : 1 },
    },
    wgsl: [
      rowsWgsl,
      k % 4 === 0 ? aQuads : aScalars,
      ...(storesY(problem) ? [n % 4 === 0 ? yQuads : yScalars] : []),
      words,
      dtype === 'f32' ? valuesF32 : valuesF16,
      blockSparseWgsl,
    ],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times(rowCount, columnQuads), workgroup) }],
  });
}

/**
 * y = epilogue(a · bᵀ), b a block-sparse weight.
 *
 * A linear layer whose weight is block-sparse: `y = epilogue(a · bᵀ)`, the contract of `matmul` for the formats that bring it.
 *
 * `a` is `[batch, m, k]` and `y` `[batch, m, n]`, f32 or f16; `b` `[n, k]` in blocks, of which only those with something in them
 * are stored (`packBlockSparse`). Sums are f32, over the stored blocks in order of column.
 */
export const blockSparseMatmul: Kernel<'a' | 'b', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'block-sparse-matmul',
  axes: { batch: 'dynamic', m: 'dynamic', n: 'static', k: 'static' },
  inputs: { a: ['batch', 'm', 'k'], b: weightB },
  outputs: { y: ['batch', 'm', 'n'] },
  slots: linearSlots,
  dtypes: ['f32', 'f16'],
  supports: (problem) =>
    isBlockSparse(formatOfB(problem)) || `weights stored as ${formatOfB(problem).name} have no sparse blocks`,
  variants: [{ name: 'baseline', plans: () => [{ variant: 'baseline' }], program }],
});
