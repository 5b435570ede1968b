import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { type RowParts, rowVariants } from '../index.ts';
import layerNormWgsl from './layer-norm.wgsl';

function program(problem: Problem, plan: Plan, row: RowParts): Program {
  const { width } = row;
  const { gain, bias, statistics } = problem.options;
  const scaled = gain ? 'v * weight_load(unit)' : 'v';
  return assemble({
    kernel: layerNorm,
    problem,
    plan,
    requires: row.requires,
    constants: { ...row.constants, EPS: { f32: problem.scalars.eps! } },
    views: { x: { width }, weight: { width }, bias: { width }, y: { width } },
    wgsl: [
      ...row.wgsl,
      layerNormWgsl,
      `fn finished(unit: u32, v: Value) -> Value { return ${bias ? `${scaled} + bias_load(unit)` : scaled}; }`,
      `fn write_statistics(row: u32, mean: f32, scale: f32) { ${statistics ? 'mean_store(row, mean); inverse_std_store(row, scale);' : ''} }`,
    ],
    dispatches: [{ entryPoint: 'main', workgroups: 'rows' }],
  });
}

/**
 * y = (x - mean) / sqrt(variance + eps) · weight + bias, per row.
 *
 * Layer normalisation of each row (Ba et al. 2016, arXiv 1607.06450).
 *
 * `x` and `y` are `[rows, hidden]`, `weight` and `bias` `[hidden]`; each f32 or f16, statistics in f32. `eps` (default
 * 1e-5) is added to the variance. The options `gain` and `bias` say whether there are a `weight` and a `bias`; with
 * `statistics` the row's `mean` and `inverse_std`, f32 `[rows]`, are written too.
 */
export const layerNorm: Kernel<'x' | 'weight' | 'bias', 'y' | 'mean' | 'inverse_std'> =
  /* @__PURE__ */ defineKernel({
    name: 'layer-norm',
    axes: { rows: 'dynamic', hidden: 'static' },
    inputs: {
      x: { shape: ['rows', 'hidden'], order: 'rows' },
      weight: { shape: ['hidden'], when: ['gain', true] },
      bias: { shape: ['hidden'], when: ['bias', true] },
    },
    outputs: {
      y: { shape: ['rows', 'hidden'], order: 'rows' },
      mean: { shape: ['rows'], dtype: 'f32', when: ['statistics', true] },
      inverse_std: { shape: ['rows'], dtype: 'f32', when: ['statistics', true] },
    },
    scalars: { eps: 1e-5 },
    options: { gain: [true, false], bias: [true, false], statistics: [false, true] },
    dtypes: ['f32', 'f16'],
    variants: /* @__PURE__ */ rowVariants({
      length: (problem) => problem.axes.hidden!,
      slots: 2,
      program,
    }),
  });
