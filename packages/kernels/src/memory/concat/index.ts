import { fittedOrder } from '../fitted-order.ts';
import { type MemoryOrder, rowAddressWgsl } from '../memory-order.ts';
import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import concatWgsl from './concat.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { heads, size } = problem.axes as { heads: number; size: number };
  const width = size % 4 === 0 ? 4 : 1;
  const order = orderOf(problem);
  const units = size / width;
  return assemble({
    kernel: concat,
    problem,
    plan,
    constants: { HEADS: heads, UNITS: units, WORKGROUP: workgroup },
    views: { first: { width }, second: { width }, y: { width } },
    wgsl: [
      concatWgsl,
      rowAddressWgsl('second_at', order, {
        b: 'params.batch',
        s: 'params.second_rows',
        h: `${heads}u`,
        d: units,
      }),
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times('batch', times(times('rows', heads), units)), workgroup),
      },
    ],
  });
}

function orderOf(problem: Problem): MemoryOrder {
  const { axes } = problem;
  return fittedOrder('concat', 'second_order', problem, false, {
    b: axes.batch!,
    s: axes.second_rows!,
    h: axes.heads!,
  });
}

/**
 * y = first, then second, along the rows.
 *
 * Two tensors one after the other along an axis (ONNX `Concat` of two): past and new keys or values of a cache that
 * grows. With `heads` 1 the axes are any tensor's: those before the axis, the axis, and those behind it.
 *
 * `first` is `[batch, heads, first_rows, size]`, `second` `[batch, heads, second_rows, size]` in the memory order
 * `second_order` (default `bhsd`; `bshd` reads packed `[batch, rows, heads · size]`), `y` `[batch, heads, rows, size]`;
 * each f32, f16, u32 or i32. `rows` is the sum of both.
 */
export const concat: Kernel<'first' | 'second', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'concat',
  axes: {
    batch: 'dynamic',
    heads: 'static',
    first_rows: 'dynamic',
    second_rows: 'dynamic',
    rows: 'dynamic',
    size: 'static',
  },
  inputs: {
    first: { shape: ['batch', 'heads', 'first_rows', 'size'], order: 'rows' },
    second: {
      shape: ['batch', 'heads', 'second_rows', 'size'],
      order: { option: 'second_order', letters: 'bhsd', rows: true },
    },
  },
  outputs: { y: { shape: ['batch', 'heads', 'rows', 'size'], order: 'rows' } },
  options: { second_order: ['bhsd'] },
  dtypes: ['f32', 'f16', 'u32', 'i32'],
  validate: (problem) => {
    orderOf(problem);
    const { first_rows: first, second_rows: second, rows } = problem.axes as Record<string, number>;
    if (first! + second! === rows) return;
    throw new TilewrightError('bad-shape', {
      subject: 'concat',
      problem: `axis 'rows' is ${rows} for ${first} and ${second} rows`,
      requirement: 'it must be their sum',
      fix: `give axes.rows ${first! + second!}`,
    });
  },
  variants: [{ name: 'baseline', program }],
});
