import { validateAttention } from '../validate.ts';
import placeWgsl from '../place.wgsl';
import { everyMode } from '../modes.ts';
import { attentionConstants, attentionPrelude, fragmentWidths } from '../program.ts';
import { asAttention, fitsBindings, loopContract } from '../score-tiles.ts';
import { attentionSlots } from '../slots.ts';
import { assemble } from '../../contract/assemble.ts';
import type { Feature } from '../../contract/capabilities.ts';
import type { Plan, Problem, Program, Variant } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, times } from '../../contract/extent.ts';
import type { Constants } from '../../contract/prelude.ts';
import subgroupsWgsl from './short-attention.subgroups.wgsl';
import columnsWgsl from './short-attention.wgsl';

/** Scores a lane of `subgroups` holds; code for each is written out, so compilers' time grows with them. */
const mostScores = 96;
/** Scores of 64 queries fit in 16 KiB of workgroup memory, and in the registers of subgroups. */
const mostKeys = 64;

function validate(problem: Problem): void {
  validateAttention('short-attention', everyMode)(asAttention(problem));
  if (problem.axes.keys! <= mostKeys) return;
  throw new TilewrightError('bad-shape', {
    subject: 'short-attention',
    problem: `sequences have ${problem.axes.keys} keys`,
    requirement: `at most ${mostKeys}, so that all scores of a query are at hand at once`,
    fix: 'use flash-attention',
  });
}

interface Shape {
  readonly rows: number;
  /** Blocks of rows that a workgroup takes, side by side or one after the other. */
  readonly blocks: number;
}

/** The part of a Program that variants share. */
function program(
  problem: Problem,
  plan: Plan,
  wgsl: string,
  { rows, blocks }: Shape,
  constants: Constants,
  requires: readonly Feature[] = [],
): Program {
  const { axes } = problem;
  const width = fragmentWidths(problem);
  const tasks = times(times('batch', axes.heads!), ceilDiv('queries', rows));
  return assemble({
    kernel: shortAttention,
    problem,
    plan,
    requires,
    constants: {
      ...attentionConstants(asAttention(problem)),
      // The blocks of the other attention kernels, which the file of shared places knows; here nothing asks for one.
      PACK: 1,
      SPLITS: 1,
      TILE_ROWS: rows,
      TILE_KEYS: mostKeys,
      ...constants,
    },
    views: { q: { width: width.qk }, k: { width: width.qk }, v: { width: width.v }, y: { width: width.v } },
    wgsl: [wgsl, placeWgsl, ...attentionPrelude(asAttention(problem), everyMode)],
    dispatches: [{ entryPoint: 'main', workgroups: ceilDiv(tasks, blocks) }],
  });
}

/** Where subgroups have one size, on CPUs: a query a lane as in `columns` makes every lane load for itself there. */
const subgroups: Variant = {
  name: 'subgroups',
  requires: ['subgroups'],
  supports: (problem, capabilities) => {
    const { software, subgroupMinSize, subgroupMaxSize } = capabilities;
    if (!software) return 'shuffles for every query pay on CPUs only';
    if (subgroupMinSize !== subgroupMaxSize || subgroupMinSize === 0)
      return `subgroups have ${subgroupMinSize} to ${subgroupMaxSize} lanes; it needs one size`;
    return fitsBindings(shortAttention, problem, capabilities);
  },
  plans: ({ axes }, { subgroupMaxSize: lanes }) => {
    const most = Math.max(1, Math.min(16, Math.floor(mostScores / Math.ceil(axes.keys! / lanes))));
    // Blocks of equal size: 49 queries are four of 13, not three of 16 and one of 1.
    const even = (rows: number): number => Math.ceil(axes.queries! / Math.ceil(axes.queries! / rows));
    return [...new Set([most, Math.ceil(most / 2)].map(even))].map((rows) => ({
      lanes,
      rows,
      steps: 4,
    }));
  },
  program: (problem, plan) => {
    const [lanes, rows, steps] = [Number(plan.lanes), Number(plan.rows), Number(plan.steps)];
    const { axes } = problem;
    const constants = {
      LANES: lanes,
      ROWS: rows,
      STEPS: steps,
      COLUMNS: Math.ceil(axes.keys! / lanes),
      CHANNELS: Math.ceil(axes.value_size! / fragmentWidths(problem).v / lanes),
    };
    return program(problem, plan, subgroupsWgsl, { rows, blocks: steps }, constants, ['subgroups']);
  },
};

/** On CPUs a workgroup is one vector of queries and takes several turns; on GPUs it is full of sequences side by side. */
const columns: Variant = {
  name: 'columns',
  supports: (problem, capabilities) => fitsBindings(shortAttention, problem, capabilities),
  plans: ({ axes }, { software, limits }) => {
    const variant = 'columns';
    if (software) return [8, 16].map((threads) => ({ variant, threads, sequences: 1, steps: 8 }));
    const threads = Math.min(64, 2 ** Math.ceil(Math.log2(axes.queries!)));
    const bytes = (size: number): number => 4 * axes.keys! * size;
    return [128, 64, 32]
      .filter((size) => size >= threads && bytes(size) <= limits.maxComputeWorkgroupStorageSize)
      .map((size) => ({ variant, threads, sequences: size / threads, steps: 1 }));
  },
  program: (problem, plan) => {
    const [threads, sequences, steps] = [Number(plan.threads), Number(plan.sequences), Number(plan.steps)];
    const constants = { THREADS: threads, SEQUENCES: sequences, STEPS: steps, KEYS: problem.axes.keys! };
    const shape = { rows: threads, blocks: sequences * steps };
    return program(problem, plan, columnsWgsl, shape, constants);
  },
};

/**
 * y = softmax(scale · q kᵀ + bias) v, many sequences of at most 64 keys.
 *
 * Attention over many short sequences of at most 64 keys: pixels of a patch, windows of an image (fused attention for short
 * sequences). Tensors, options and slots are those of flash-attention, whose place it can take. Throws `bad-shape` for more
 * keys.
 */
export const shortAttention: Kernel<'q' | 'k' | 'v' | 'lengths', 'y' | 'lse'> = /* @__PURE__ */ defineKernel({
  axes: loopContract.axes,
  inputs: loopContract.inputs,
  dtypes: loopContract.dtypes,
  scalars: loopContract.scalars,
  slots: attentionSlots,
  options: { ...loopContract.options, lse: [false, true] },
  outputs: {
    y: loopContract.y,
    lse: { shape: ['batch', 'heads', 'queries'], dtype: 'f32', when: ['lse', true] },
  },
  name: 'short-attention',
  validate,
  variants: [subgroups, columns],
});
