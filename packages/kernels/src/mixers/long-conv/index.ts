import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import longConvWgsl from './long-conv.wgsl';

function program(problem: Problem, plan: Plan): Program {
  const { channels, taps, tap_rows: tapRows } = problem.axes as Record<string, number>;
  const { centred, skip } = problem.options;
  return assemble({
    kernel: longConv,
    problem,
    plan,
    constants: {
      CHANNELS: channels!,
      TAPS: taps!,
      TAP_ROWS: tapRows!,
      CENTRE: centred ? (taps! - 1) / 2 : 0,
      MANY: 0x3fff_ffff,
    },
    wgsl: [
      longConvWgsl,
      `fn skip_of(channel: u32) -> f32 { return ${skip ? 'skip_load(channel)' : '0.0'}; }`,
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times(times('batch', times('rows', 'columns')), channels!), 64),
      },
    ],
  });
}

/**
 * Convolutions of every channel with filters as long as the sequence, summed directly: `y_t = Σ_tap h_tap x_{t − tap} + skip ⊙ x_t`, along
 * columns, and along rows where the filter has rows (Hyena; Poli et al. 2023, arXiv 2302.10866).
 *
 * `x` and `y` are `[batch, rows, columns, channels]`, `h` `[tap_rows, taps, channels]`, `skip` `[channels]` with the option `skip`; each f32 or
 * f16. Missing taps are 0, taps beyond the sequence unused. With `centred` the middle one of an odd number of taps stands at t, and
 * columns see both ways; rows see back only.
 */
export const longConv: Kernel<'x' | 'h' | 'skip', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'long-conv',
  axes: {
    batch: 'dynamic',
    rows: 'dynamic',
    columns: 'dynamic',
    channels: 'static',
    tap_rows: 'static',
    taps: 'static',
  },
  inputs: {
    x: ['batch', 'rows', 'columns', 'channels'],
    h: ['tap_rows', 'taps', 'channels'],
    skip: { shape: ['channels'], when: ['skip', true] },
  },
  outputs: { y: ['batch', 'rows', 'columns', 'channels'] },
  options: { centred: [false, true], skip: [false, true] },
  dtypes: ['f32', 'f16'],
  validate: ({ axes: { taps }, options }) => {
    if (options.centred === true && taps! % 2 === 0)
      throw new TilewrightError('bad-shape', {
        subject: 'long-conv',
        problem: `there are ${taps} taps`,
        requirement: 'a filter with a centre has an odd number',
        fix: 'add a tap of zeros, or leave centred out',
      });
  },
  variants: [{ name: 'baseline', program }],
});
