import { gatheredPlans, gatheredProgram, selectSlot } from '../gathered.ts';
import { fragmentWidths } from '../program.ts';
import { asAttention, fitsBindings, loopContract } from '../score-tiles.ts';
import { attentionSlots } from '../slots.ts';
import { validateSelect } from '../select.ts';
import { validateExtents } from '../validate-extents.ts';
import { validateAttention } from '../validate.ts';
import type { OptionTest, Problem } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { times } from '../../contract/extent.ts';
import gatherWgsl from './gather-attention.wgsl';

const name = 'gather-attention';
const chosenRows: OptionTest = ['rows', 'chosen'];

/** The query of a row; past the last one, a batch row that is none. */
const everyRow = `fn row_token(row: u32) -> Token {
  let query = row % params.queries;
  let head = row / params.queries % HEADS;
  let batch = row / params.queries / HEADS;
  return Token(batch, head, query, q_at(batch, head, query));
}`;

const chosenRow = `fn row_token(row: u32) -> Token {
  if (row >= params.batch * HEADS * params.chosen) { return Token(params.batch, 0u, 0u, 0u); }
  let query = chosen_load(row);
  let head = row / params.chosen % HEADS;
  let batch = row / params.chosen / HEADS;
  return Token(batch, head, query, q_at(batch, head, query));
}`;

/**
 * y = softmax(scale · q kᵀ + bias) v over keys that each query names.
 *
 * Attention of each query over a few keys that it names: `y = Σⱼ softmaxⱼ(scale · q k[nⱼ] + bias) v[nⱼ]`, nⱼ from the slot
 * `select` for j below the axis `selected`, which is given by name. The cost is that of the named keys, not of all.
 *
 * Tensors, options and slots are those of flash-attention, and slots see the true place of a key; `causal`, windows, `lengths` and `mask`
 * take named keys away again. A key that is not there counts as not named, one named twice counts twice, and a query without keys
 * gets zeros.
 *
 * `rows: 'chosen'` computes the queries in `chosen` only, u32 `[batch, heads, chosen]`, and leaves the other rows of `y` and `lse` as they
 * are; entries that are no query are passed over.
 */
export const gatherAttention: Kernel<'q' | 'k' | 'v' | 'lengths' | 'chosen', 'y' | 'lse'> =
  /* @__PURE__ */ defineKernel({
    name,
    axes: { ...loopContract.axes, selected: 'dynamic', chosen: 'dynamic' },
    axesWhen: { chosen: chosenRows },
    inputs: {
      ...loopContract.inputs,
      chosen: { shape: ['batch', 'heads', 'chosen'], dtype: 'u32', when: chosenRows },
    },
    outputs: {
      y: { ...loopContract.y, inOut: chosenRows },
      lse: { shape: ['batch', 'heads', 'queries'], dtype: 'f32', when: ['lse', true], inOut: chosenRows },
    },
    scalars: loopContract.scalars,
    options: { ...loopContract.options, lse: [false, true], rows: ['all', 'chosen'] },
    slots: { ...attentionSlots, select: selectSlot },
    dtypes: loopContract.dtypes,
    validate: (problem) => {
      validateAttention(name, { validate: validateExtents })(asAttention(problem));
      validateSelect(name, problem);
    },
    variants: [
      {
        name: 'rows',
        supports: (problem, capabilities) => fitsBindings(gatherAttention, problem, capabilities),
        plans: gatheredPlans('rows'),
        program: (problem: Problem, plan) => {
          const { v } = fragmentWidths(problem);
          const few = problem.options.rows === 'chosen';
          return gatheredProgram(gatherAttention, problem, plan, {
            settings: asAttention(problem),
            rows: times('batch', times(problem.axes.heads!, few ? 'chosen' : 'queries')),
            views: { v: { width: v }, y: { width: v } },
            wgsl: [gatherWgsl, few ? chosenRow : everyRow],
          });
        },
      },
    ],
  });
