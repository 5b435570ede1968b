import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import type { Filling } from '../../contract/filling.ts';
import type { EpilogueReference } from '../fillings/slots.ts';
import storeRowsWgsl from './store-rows.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { n } = problem.axes as { n: number };
  const width = n % 4 === 0 && problem.options.singly !== true ? 4 : 1;
  return assemble({
    kernel: storeRows,
    problem,
    plan,
    constants: { UNITS: n / width, WIDTH: width, WORKGROUP: workgroup },
    views: { x: { width }, y: { width } },
    wgsl: [storeRowsWgsl, `alias unit = ${width === 4 ? 'vec4<f32>' : 'f32'};`],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times('batch', times('m', n / width)), workgroup),
      },
    ],
  });
}

const copy: Filling<EpilogueReference> = {
  id: 'copy',
  wgsl: (slot) => `fn ${slot}(row: u32, column: u32, v: unit) { y_store(row * UNITS + column / WIDTH, v); }`,
  reference: ({ y }) => ({ y }),
};

/**
 * What stands behind a product as its epilogue, by itself: the filling of `epilogue` stores the rows of `x` `[batch, m, n]`, f32 or
 * f16, wherever they go (`fn epilogue(row: u32, column: u32, v: vec4<f32>)`, as of `matmul`; rows count over batches). Where `n` is
 * not a multiple of 4, or the option `singly` says so, `v` is one f32. Without a filling `y` is a copy.
 */
export const storeRows: Kernel<'x', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'store-rows',
  axes: { batch: 'dynamic', m: 'dynamic', n: 'static' },
  inputs: { x: { shape: ['batch', 'm', 'n'], order: 'rows' } },
  outputs: { y: { shape: ['batch', 'm', 'n'], order: 'rows' } },
  // fn epilogue(row, column, v) stores a unit of a row.
  slots: { epilogue: { default: copy } },
  options: { singly: [false, true] },
  dtypes: ['f32', 'f16'],
  variants: [{ name: 'baseline', program }],
});
