import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { checkTaps } from '../taps.ts';
import dwtWgsl from './dwt.wgsl';

const program = (problem: Problem, plan: Plan): Program =>
  assemble({
    kernel: dwt,
    problem,
    plan,
    constants: { TAPS: problem.axes.taps! },
    wgsl: [dwtWgsl],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('rows', 'half'), 64) }],
  });

/**
 * One level of a discrete wavelet transform of rows, periodised (Mallat 1989): `low_o = Σ_j lowpass_j x[(2o + taps/2 − j) mod n]`, and `high`
 * with the other filter. `x` is `[rows, length]`, the filters `[taps]`, an even number, `low` and `high` `[rows, half]`, half of the length
 * rounded up; each f32 or f16. Of an odd length the last value counts twice.
 */
export const dwt: Kernel<'x' | 'lowpass' | 'highpass', 'low' | 'high'> = /* @__PURE__ */ defineKernel({
  name: 'dwt',
  axes: { rows: 'dynamic', length: 'dynamic', half: 'dynamic', taps: 'static' },
  inputs: { x: ['rows', 'length'], lowpass: ['taps'], highpass: ['taps'] },
  outputs: { low: ['rows', 'half'], high: ['rows', 'half'] },
  dtypes: ['f32', 'f16'],
  validate: ({ axes: { taps, length, half } }) => {
    checkTaps('dwt', taps!);
    if (half !== Math.ceil(length! / 2))
      throw new TilewrightError('bad-shape', {
        subject: 'dwt',
        problem: `rows of ${length} have halves of ${half}`,
        requirement: 'a half is half of the length, rounded up',
        fix: `give ${Math.ceil(length! / 2)}`,
      });
  },
  variants: [{ name: 'baseline', program }],
});
