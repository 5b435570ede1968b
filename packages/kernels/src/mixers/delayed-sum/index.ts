import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import delayedSumWgsl from './delayed-sum.wgsl';

const workgroup = 64;

function program(problem: Problem, plan: Plan): Program {
  const { channels, delays } = problem.axes as {
    channels: number;
    delays: number;
  };
  const width = channels % 4 === 0 ? 4 : 1;
  const units = channels / width;
  return assemble({
    kernel: delayedSum,
    problem,
    plan,
    constants: { WORKGROUP: workgroup, UNITS: units, DELAYS: delays },
    views: { x: { width }, y: { width } },
    wgsl: [`alias Value = ${width === 4 ? 'vec4<f32>' : 'f32'};`, delayedSumWgsl],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times(times('batch', 'tokens'), units), workgroup),
      },
    ],
  });
}

/**
 * `y_t = Σ_i weights_i · x_{(t + delays_i) mod tokens}`: tokens seen some delays ahead, round the end, and added up (the aggregation of
 * Autoformer; Wu et al. 2021, arXiv 2106.13008).
 *
 * `x` and `y` are `[batch, tokens, channels]`, `weights` `[batch, delays]`, each f32 or f16; `delays` u32 `[batch, delays]`, of any size. Sums in
 * f32, in the order of the delays.
 */
export const delayedSum: Kernel<'x' | 'weights' | 'delays', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'delayed-sum',
  axes: {
    batch: 'dynamic',
    tokens: 'dynamic',
    channels: 'static',
    delays: 'static',
  },
  inputs: {
    x: ['batch', 'tokens', 'channels'],
    weights: ['batch', 'delays'],
    delays: { shape: ['batch', 'delays'], dtype: 'u32' },
  },
  outputs: { y: ['batch', 'tokens', 'channels'] },
  dtypes: ['f32', 'f16'],
  variants: [{ name: 'baseline', program }],
});
