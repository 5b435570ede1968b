import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { largerWgsl } from '../../numbers/larger.ts';
import { valueWgsl } from '../index.ts';
import columnMaximaWgsl from './column-maxima.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { k } = problem.axes as { k: number };
  const width = k % 4 === 0 ? 4 : 1;
  const units = k / width;
  return assemble({
    kernel: columnMaxima,
    problem,
    plan,
    // The loop's constant bound; the uniform `rows` ends it.
    constants: { UNITS: units, MOST_ROWS: 0xffff_ffff, WORKGROUP: workgroup },
    views: { x: { width }, maxima: { width } },
    wgsl: [columnMaximaWgsl, valueWgsl[width], largerWgsl(width)],
    dispatches: [{ entryPoint: 'main', workgroups: Math.ceil(units / workgroup) }],
  });
}

/**
 * maxima = max(maxima, |x| of each column).
 *
 * The largest magnitude of each column so far: what SmoothQuant wants to know of a layer's inputs, gathered chunk of rows by
 * chunk.
 *
 * `x` is `[rows, k]` f32 or f16; `maxima` `[k]` f32, in place. Begin with zeros. A NaN stays.
 */
export const columnMaxima: Kernel<'x', 'maxima'> = /* @__PURE__ */ defineKernel({
  name: 'column-maxima',
  axes: { rows: 'dynamic', k: 'static' },
  inputs: { x: { shape: ['rows', 'k'], order: 'rows' } },
  outputs: { maxima: { shape: ['k'], dtype: 'f32', inOut: true } },
  dtypes: ['f32', 'f16'],
  variants: [{ name: 'baseline', program }],
});
