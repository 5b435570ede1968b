import { gatheredPlans, gatheredProgram, selectSlot } from '../gathered.ts';
import { fitsBindings, loopContract, without } from '../score-tiles.ts';
import { scoresContract, valueSlots, withoutValues } from '../scores-only.ts';
import { validateSelect } from '../select.ts';
import { validateExtents } from '../validate-extents.ts';
import { validateAttention } from '../validate.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { times } from '../../contract/extent.ts';
import sparsityWgsl from './query-sparsity.wgsl';

const name = 'query-sparsity';

/**
 * maxⱼ sⱼ - meanⱼ sⱼ over keys that each query names.
 *
 * How far the attention of a query is from uniform, by a few of its keys: `measure` f32 `[batch, heads, queries]` is the largest less
 * the mean of the scores with the keys that the slot `select` names (ProbSparse attention: Informer, Zhou et al. 2021, arXiv
 * 2012.07436, equation 4), 0 for a query that sees none of them.
 *
 * Inputs, options, slots and the axis `selected` are those of gather-attention, but for what has to do with values.
 */
export const querySparsity: Kernel<'q' | 'k' | 'lengths', 'measure'> = /* @__PURE__ */ defineKernel({
  name,
  axes: { ...scoresContract.axes, selected: 'dynamic' },
  inputs: scoresContract.inputs,
  outputs: { measure: { shape: ['batch', 'heads', 'queries'], dtype: 'f32' } },
  scalars: scoresContract.scalars,
  options: scoresContract.options,
  slots: { .../* @__PURE__ */ without(loopContract.slots, valueSlots), select: selectSlot },
  dtypes: scoresContract.dtypes,
  validate: (problem) => {
    validateAttention(name, { validate: validateExtents })(withoutValues(problem));
    validateSelect(name, problem);
  },
  variants: [
    {
      name: 'rows',
      supports: (problem, capabilities) => fitsBindings(querySparsity, problem, capabilities),
      plans: gatheredPlans('rows'),
      program: (problem, plan) =>
        gatheredProgram(querySparsity, problem, plan, {
          settings: withoutValues(problem),
          rows: times('batch', times(problem.axes.heads!, 'queries')),
          wgsl: [sparsityWgsl],
        }),
    },
  ],
});
