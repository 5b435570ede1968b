import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import { largerWgsl } from '../../numbers/larger.ts';
import logisticWgsl from '../../numbers/logistic.wgsl';
import powerWgsl from '../../numbers/power.wgsl';
import attentionFreeWgsl from './attention-free.wgsl';
import { simpleVariants } from './simple.ts';

const program = (problem: Problem, plan: Plan): Program =>
  assemble({
    kernel: attentionFree,
    problem,
    plan,
    constants: {
      CHANNELS: problem.axes.channels!,
      CAUSAL: problem.options.causal === true,
      WINDOW: problem.scalars.window!,
      MANY: 0x3fff_ffff,
    },
    wgsl: [
      'alias Value = f32;',
      powerWgsl,
      logisticWgsl,
      largerWgsl(1),
      attentionFreeWgsl,
      `fn pair_bias(i: u32) -> f32 { return ${problem.options.bias ? 'w_load(i)' : '0.0'}; }`,
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times(times('batch', 'tokens'), problem.axes.channels!), 64),
      },
    ],
  });

/**
 * The attention free transformer (Zhai et al. 2021, arXiv 2105.14103): `y_t = σ(q_t) ⊙ Σ_s e^{k_s + w_{t,s}} ⊙ v_s / Σ_s e^{k_s + w_{t,s}}`,
 * over all s or, `causal`, `s ≤ t`.
 *
 * `q`, `k`, `v` and `y` are `[batch, tokens, channels]`, `w` `[tokens, tokens]` with the option `bias`; each f32 or f16. Where `window` is
 * above 0, w counts as 0 for tokens that far apart. Exponents are relative to the largest, so k may be of any size. Without `bias` it is linear in the
 * tokens: a scan where it is causal, else sums of all.
 */
export const attentionFree: Kernel<'q' | 'k' | 'v' | 'w', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'attention-free',
  axes: { batch: 'dynamic', tokens: 'dynamic', channels: 'static' },
  inputs: {
    q: ['batch', 'tokens', 'channels'],
    k: ['batch', 'tokens', 'channels'],
    v: ['batch', 'tokens', 'channels'],
    w: { shape: ['tokens', 'tokens'], when: ['bias', true] },
  },
  outputs: { y: ['batch', 'tokens', 'channels'] },
  scalars: { window: 0 },
  options: { causal: [false, true], bias: [false, true] },
  dtypes: ['f32', 'f16'],
  validate: ({ scalars: { window } }) => {
    if (!Number.isInteger(window) || window! < 0)
      throw new TilewrightError('bad-argument', {
        subject: 'attention-free',
        problem: `window is ${window}`,
        requirement: 'it is a number of tokens',
        fix: 'give a whole number from 0 on',
      });
  },
  // Pairs last: they take the square of the tokens.
  variants: [.../* @__PURE__ */ simpleVariants(), { name: 'baseline', rank: () => 3, program }],
});
