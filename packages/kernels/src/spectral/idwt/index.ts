import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { checkTaps } from '../taps.ts';
import idwtWgsl from './idwt.wgsl';

const program = (problem: Problem, plan: Plan): Program =>
  assemble({
    kernel: idwt,
    problem,
    plan,
    constants: { TAPS: problem.axes.taps! },
    wgsl: [idwtWgsl],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(times('rows', 'length'), 64) }],
  });

/**
 * The inverse of a level of a discrete wavelet transform of rows, periodised: `x[(2o + j − taps/2 + 1) mod n] += lowpass_j low_o + highpass_j
 * high_o`. `low` and `high` are `[rows, half]`, the synthesis filters `[taps]`, an even number, `x` `[rows, length]`, twice the half; each f32
 * or f16.
 */
export const idwt: Kernel<'low' | 'high' | 'lowpass' | 'highpass', 'x'> = /* @__PURE__ */ defineKernel({
  name: 'idwt',
  axes: { rows: 'dynamic', length: 'dynamic', half: 'dynamic', taps: 'static' },
  inputs: { low: ['rows', 'half'], high: ['rows', 'half'], lowpass: ['taps'], highpass: ['taps'] },
  outputs: { x: ['rows', 'length'] },
  dtypes: ['f32', 'f16'],
  validate: ({ axes: { taps, length, half } }) => {
    checkTaps('idwt', taps!);
    if (length !== 2 * half!)
      throw new TilewrightError('bad-shape', {
        subject: 'idwt',
        problem: `halves of ${half} make rows of ${length}`,
        requirement: 'a row is twice a half',
        fix: `give ${2 * half!}`,
      });
  },
  variants: [{ name: 'baseline', program }],
});
