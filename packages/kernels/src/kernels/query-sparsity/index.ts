import { attentionContract } from '../../attention/contract.ts';
import { gatheredPlans, gatheredProgram, selectSlot } from '../../attention/gathered.ts';
import { asAttention, fitsBindings, loopContract, without } from '../../attention/score-tiles.ts';
import { validateSelect } from '../../attention/select.ts';
import { validateAttention } from '../../attention/validate.ts';
import type { Problem } from '../../core/contract.ts';
import { defineKernel, type Kernel } from '../../core/define-kernel.ts';
import { times } from '../../core/extent.ts';
import sparsityWgsl from './query-sparsity.wgsl';

const name = 'query-sparsity';
const { q, k, lengths } = attentionContract.inputs;

/** The problem as the shared parts of attention know it, which also speak of values. */
const settingsOf = (problem: Problem): Problem =>
  asAttention({ ...problem, axes: { ...problem.axes, value_size: 4 } });

/**
 * How far the attention of a query is from uniform, by a few of its keys: `measure` f32 `[batch, heads, queries]` is the largest less
 * the mean of the scores with the keys that the slot `select` names (ProbSparse attention: Informer, Zhou et al. 2021, arXiv
 * 2012.07436, equation 4), 0 for a query that sees none of them.
 *
 * Inputs, options, slots and the axis `selected` are those of gather-attention, but for what has to do with values.
 */
export const querySparsity: Kernel<'q' | 'k' | 'lengths', 'measure'> = /* @__PURE__ */ defineKernel({
  name,
  summary: 'maxⱼ sⱼ - meanⱼ sⱼ over keys that each query names',
  axes: { .../* @__PURE__ */ without(loopContract.axes, ['value_size']), selected: 'dynamic' },
  inputs: { q, k, lengths },
  outputs: { measure: { shape: ['batch', 'heads', 'queries'], dtype: 'f32' } },
  scalars: { scale: 0 },
  options: /* @__PURE__ */ without(loopContract.options, ['v_strides', 'y_strides']),
  slots: { .../* @__PURE__ */ without(loopContract.slots, ['load_v', 'epilogue']), select: selectSlot },
  dtypes: ['f32', 'f16'],
  validate: (problem) => {
    validateAttention(name)(settingsOf(problem));
    validateSelect(name, problem);
  },
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: axes.batch! * axes.heads! * axes.queries! * axes.selected! * (2 * axes.head_size! + 3),
  }),
  variants: [
    {
      name: 'rows',
      supports: (problem, capabilities) => fitsBindings(querySparsity, problem, capabilities),
      plans: gatheredPlans('rows'),
      program: (problem, plan) =>
        gatheredProgram(querySparsity, problem, plan, {
          settings: settingsOf(problem),
          rows: times('batch', times(problem.axes.heads!, 'queries')),
          wgsl: [sparsityWgsl],
        }),
    },
  ],
});
