import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import powerWgsl from '../../numbers/power.wgsl';
import { identityMap } from '../linear-attention/slots.ts';
import toeplitzAttentionWgsl from './toeplitz-attention.wgsl';

function program(problem: Problem, plan: Plan): Program {
  const { axes, scalars, options } = problem;
  return assemble({
    kernel: toeplitzAttention,
    problem,
    plan,
    constants: {
      HEADS: axes.heads!,
      KEY_HEADS: axes.key_heads!,
      KEY_SIZE: axes.key_size!,
      VALUE_SIZE: axes.value_size!,
      BIAS_HEADS: axes.bias_heads!,
      SPAN: axes.span!,
      FEATURE_SCALE: { f32: scalars.feature_scale! },
      EPSILON: { f32: scalars.epsilon! },
      CAUSAL: options.causal === true,
      NORMALIZES: options.normalize === true,
      MANY: 0x3fff_ffff,
    },
    wgsl: [powerWgsl, toeplitzAttentionWgsl],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: ceilDiv(times(times('batch', 'tokens'), axes.heads! * axes.value_size!), 64),
      },
    ],
  });
}

/**
 * Kernelized attention whose weights carry a bias by distance, summed directly: `y_i = Σ_j e^{b_{j−i}} (φ(q_i)·φ(k_j)) v_j / (Σ_j e^{b_{j−i}}
 * (φ(q_i)·φ(k_j)) + epsilon)` (Luo et al. 2021, arXiv 2106.12566).
 *
 * `q` and `y` are `[batch, tokens, heads, size]`, `k` and `v` `[batch, keys, key_heads, size]`, `bias` `[bias_heads, span]`, whose middle is
 * distance 0; each f32 or f16. Heads share in groups of neighbours. `causal` leaves keys after a token out; `normalize` false the
 * denominator. The slot `feature_map` is that of linear-attention.
 */
export const toeplitzAttention: Kernel<'q' | 'k' | 'v' | 'bias', 'y'> = /* @__PURE__ */ defineKernel({
  name: 'toeplitz-attention',
  axes: {
    batch: 'dynamic',
    tokens: 'dynamic',
    keys: 'dynamic',
    heads: 'static',
    key_heads: 'static',
    key_size: 'static',
    value_size: 'static',
    bias_heads: 'static',
    span: 'static',
  },
  inputs: {
    q: ['batch', 'tokens', 'heads', 'key_size'],
    k: ['batch', 'keys', 'key_heads', 'key_size'],
    v: ['batch', 'keys', 'key_heads', 'value_size'],
    bias: ['bias_heads', 'span'],
  },
  outputs: { y: ['batch', 'tokens', 'heads', 'value_size'] },
  scalars: { feature_scale: 1, epsilon: 1e-6 },
  options: { causal: [false, true], normalize: [true, false] },
  slots: {
    // Features of queries and keys, element by element.
    feature_map: { default: identityMap },
  },
  dtypes: ['f32', 'f16'],
  validate: ({ axes: { span, tokens, keys } }) => {
    if (span! % 2 === 0 || (span! + 1) / 2 < Math.max(tokens!, keys!))
      throw new TilewrightError('bad-shape', {
        subject: 'toeplitz-attention',
        problem: `span is ${span} with ${tokens} tokens and ${keys} keys`,
        requirement: 'it is odd, and its half reaches every distance',
        fix: `give a span of ${2 * Math.max(tokens!, keys!) - 1} or more, by two`,
      });
  },
  variants: [{ name: 'baseline', program }],
});
