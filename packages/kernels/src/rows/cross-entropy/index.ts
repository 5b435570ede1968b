import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { type RowParts, rowVariants } from '../index.ts';
import { maximum } from '../max.ts';
import { powersWgsl } from '../powers.ts';
import crossEntropyWgsl from './cross-entropy.wgsl';
import plainWgsl from './plain.wgsl';
import referenceWgsl from './reference.wgsl';

function program(problem: Problem, plan: Plan, row: RowParts): Program {
  const { width } = row;
  return assemble({
    kernel: crossEntropy,
    problem,
    plan,
    requires: row.requires,
    constants: { ...row.constants, WIDTH: width },
    views: { logits: { width }, reference: { width } },
    wgsl: [
      ...row.wgsl,
      ...powersWgsl(width),
      crossEntropyWgsl,
      problem.options.reference ? referenceWgsl : plainWgsl,
      `fn element(v: Value, i: u32) -> f32 { return ${width === 4 ? 'v[i]' : 'v'}; }`,
    ],
    dispatches: [{ entryPoint: 'main', workgroups: 'rows' }],
  });
}

/**
 * loss = log Σ exp(logits) - logits[target], per row; optionally the divergence from other logits.
 *
 * Cross entropy of each row against its target, in nats: what held-out loss is the mean of. Logits need not leave the GPU.
 *
 * `logits` is `[rows, vocab]` f32 or f16, `targets` u32 `[rows]`, `loss` f32 `[rows]`; a target that is no column gives a
 * loss of 0, so that padding adds nothing. With the option `reference` there are also other logits, `reference`
 * `[rows, vocab]`, and `kl` f32 `[rows]` is the Kullback-Leibler divergence KL(reference ‖ logits) in nats, `agree` u32
 * `[rows]` 1 where both have the same likeliest token (the lowest among equals, NaN ahead of all).
 */
export const crossEntropy: Kernel<'logits' | 'targets' | 'reference', 'loss' | 'kl' | 'agree'> =
  /* @__PURE__ */ defineKernel({
    name: 'cross-entropy',
    axes: { rows: 'dynamic', vocab: 'static' },
    inputs: {
      logits: { shape: ['rows', 'vocab'], order: 'rows' },
      targets: { shape: ['rows'], dtype: 'u32' },
      reference: { shape: ['rows', 'vocab'], order: 'rows', when: ['reference', true] },
    },
    outputs: {
      loss: { shape: ['rows'], dtype: 'f32' },
      kl: { shape: ['rows'], dtype: 'f32', when: ['reference', true] },
      agree: { shape: ['rows'], dtype: 'u32', when: ['reference', true] },
    },
    options: { reference: [false, true] },
    dtypes: ['f32', 'f16'],
    variants: /* @__PURE__ */ rowVariants({
      length: (problem) => problem.axes.vocab!,
      slots: 7,
      reduction: maximum,
      program,
    }),
  });
