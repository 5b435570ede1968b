import placeWgsl from '../place.wgsl';
import { everyMode } from '../modes.ts';
import { attentionConstants, attentionPrelude, fragmentWidths } from '../program.ts';
import { asAttention, fitsBindings, loopContract, without } from '../score-tiles.ts';
import { attentionSlots } from '../slots.ts';
import { validateAttention } from '../validate.ts';
import { assemble } from '../../contract/assemble.ts';
import type { Plan, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { times } from '../../contract/extent.ts';
import valueMeansWgsl from './value-means.wgsl';

const name = 'value-means';
const { lengths, alignment, v_strides, y_strides } = loopContract.options;
const { load_v, epilogue } = attentionSlots;

/** The problem as the shared parts of attention know it, which also speak of queries and keys. */
const settingsOf = (problem: Problem): Problem =>
  asAttention(
    { ...problem, axes: { ...problem.axes, head_size: 4 }, scalars: { scale: 1 } },
    { k_strides: 'bhsd' },
  );

function program(problem: Problem, plan: Plan): Program {
  const { axes, options } = problem;
  const settings = settingsOf(problem);
  const width = fragmentWidths(settings).v;
  const units = Number(plan.units);
  return assemble({
    kernel: valueMeans,
    problem,
    plan,
    constants: {
      ...attentionConstants(settings),
      RUNNING: options.of !== 'mean',
      SUM: options.of === 'running-sum',
      SEGMENTS: Number(plan.segments),
      UNITS: units,
      // The blocks of the other attention kernels, which the file of shared places knows; here nothing asks for one.
      PACK: 1,
      SPLITS: 1,
      TILE_ROWS: 1,
      TILE_KEYS: 1,
    },
    views: { v: { width }, y: { width } },
    wgsl: [
      valueMeansWgsl,
      'fn score(s: f32, pair: Pair) -> f32 { return s; }',
      placeWgsl,
      ...attentionPrelude(settings, everyMode),
    ],
    dispatches: [
      {
        entryPoint: 'main',
        workgroups: times('batch', axes.heads! * Math.ceil(axes.value_size! / width / units)),
      },
    ],
  });
}

/**
 * y[s] = the mean of v, or of v[…s].
 *
 * What attention gives where all weights are equal: for each query the `mean` of the values, or with order (`running-mean`) the
 * mean of those up to its place, or their sum (`running-sum`), in linear time. The rows of ProbSparse attention whose queries are not
 * worth more (Informer, Zhou et al. 2021, arXiv 2012.07436, whose published decoder takes sums).
 *
 * `v` `[batch, keys, kv_heads, value_size]`, `y` `[batch, queries, heads, value_size]`, options and slots as in flash-attention. A query
 * that no key stands before has zeros.
 */
export const valueMeans: Kernel<'v' | 'lengths', 'y'> = /* @__PURE__ */ defineKernel({
  name,
  axes: /* @__PURE__ */ without(loopContract.axes, ['head_size']),
  inputs: { v: loopContract.inputs.v, lengths: loopContract.inputs.lengths },
  outputs: { y: loopContract.y },
  options: {
    of: ['mean', 'running-mean', 'running-sum'],
    lengths: lengths!,
    alignment: alignment!,
    v_strides: v_strides!,
    y_strides: y_strides!,
  },
  slots: { load_v, epilogue },
  dtypes: ['f32', 'f16'],
  validate: (problem) => validateAttention(name, everyMode)(settingsOf(problem)),
  variants: [
    {
      name: 'segments',
      supports: (problem, capabilities) => fitsBindings(valueMeans, problem, capabilities),
      plans: (_, { software }) =>
        (software
          ? [
              [8, 1],
              [4, 4],
            ]
          : [
              [32, 4],
              [16, 4],
            ]
        ).map(([segments, units]) => ({
          segments: segments!,
          units: units!,
        })),
      program,
    },
  ],
});
