import placeWgsl from '../place.wgsl';
import { everyMode } from '../modes.ts';
import { attentionConstants, attentionPrelude, fragmentWidths } from '../program.ts';
import { fitsBindings, loopContract, without } from '../score-tiles.ts';
import { scoresContract, valueSlots, withoutValues } from '../scores-only.ts';
import tilesWgsl from '../score-tiles.wgsl';
import { validateAttention } from '../validate.ts';
import { assemble } from '../../contract/assemble.ts';
import type { Capabilities } from '../../contract/capabilities.ts';
import type { Plan, PlanChoice, Problem, Program } from '../../contract/contract.ts';
import { defineKernel, type Kernel } from '../../contract/define-kernel.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ceilDiv, roundUp, times } from '../../contract/extent.ts';
import orderedWgsl from '../../numbers/ordered.wgsl';
import topKeysWgsl from './top-keys.wgsl';

const name = 'top-keys';
/** Candidates of a row must fit in workgroup memory, with a tile of keys beside those that are kept. */
const mostSelected = 512;

function validate(problem: Problem): void {
  validateAttention(name, everyMode)(withoutValues(problem));
  const { selected, keys } = problem.axes as { selected: number; keys: number };
  if (selected <= mostSelected && selected <= keys) return;
  throw new TilewrightError('bad-shape', {
    subject: name,
    problem: `${selected} keys are to be selected of ${keys}`,
    requirement: `at most ${mostSelected}, and no more than there are`,
    fix: 'select fewer',
  });
}

type Tile = readonly [threadsX: number, threadsY: number, rows: number, columns: number];

/** Places of a row: those for the best, a tile of keys, and `room` times the best again before they are put in order. */
const placesOf = (selected: number, [threadsX, , , columns]: Tile, room: number): number =>
  Math.ceil((1 + room) * selected) + threadsX * columns;

/** What top-keys.wgsl declares for a workgroup, each variable rounded up as WebGPU counts it. */
function workgroupBytes(selected: number, tile: Tile, room: number): number {
  const [, threadsY, rows] = tile;
  const perRow = [
    placesOf(selected, tile, room),
    placesOf(selected, tile, room),
    selected,
    selected,
    1,
    1,
    1,
  ];
  return perRow.reduce((sum, words) => sum + roundUp(4 * words * threadsY * rows, 16), roundUp(4, 16));
}

/** As many rows as have room for their candidates: keys are read once for all of them. */
const tiles: Readonly<Record<'software' | 'hardware', readonly Tile[]>> = {
  software: [
    [8, 1, 4, 4],
    [8, 1, 2, 4],
    [8, 1, 1, 4],
  ],
  hardware: [
    [16, 4, 2, 4],
    [32, 2, 2, 4],
    [32, 1, 2, 4],
    [32, 1, 1, 4],
  ],
};

function plans({ axes }: Problem, { software, limits }: Capabilities): readonly PlanChoice[] {
  const { queries, heads, kv_heads, selected } = axes as Readonly<Record<string, number>>;
  // Few queries share their keys among the heads of a group.
  const pack = queries! <= 4 ? heads! / kv_heads! : 1;
  return tiles[software ? 'software' : 'hardware']
    .flatMap((tile) => [0.5, 0].map((room) => ({ tile, room })))
    .filter(
      ({ tile, room }) => workgroupBytes(selected!, tile, room) <= limits.maxComputeWorkgroupStorageSize,
    )
    .slice(0, 3)
    .map(({ tile: [threads_x, threads_y, rows, columns], room }) => ({
      threads_x,
      threads_y,
      rows,
      columns,
      room,
      pack,
    }));
}

function program(problem: Problem, plan: Plan): Program {
  const { axes, options } = problem;
  const tile = [plan.threads_x, plan.threads_y, plan.rows, plan.columns].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const [threadsX, threadsY, rows, columns] = tile;
  const pack = Number(plan.pack);
  const settings = withoutValues(problem);
  const width = fragmentWidths(settings).qk;
  const blocks = ceilDiv(times('queries', pack), threadsY * rows);
  return assemble({
    kernel: topKeys,
    problem,
    plan,
    constants: {
      ...attentionConstants(settings),
      PACK: pack,
      SPLITS: 1,
      THREADS_X: threadsX,
      THREADS_Y: threadsY,
      ROWS: rows,
      COLUMNS: columns,
      SELECTED: axes.selected!,
      CANDIDATES: placesOf(axes.selected!, tile, Number(plan.room)),
    },
    views: { q: { width }, k: { width } },
    wgsl: [
      orderedWgsl,
      topKeysWgsl,
      `fn store_score(at: u32, value: f32) {${options.scores === true ? ' scores_store(at, value); ' : ''}}`,
      tilesWgsl,
      placeWgsl,
      ...attentionPrelude(settings, everyMode),
    ],
    dispatches: [{ entryPoint: 'main', workgroups: times(times('batch', axes.heads! / pack), blocks) }],
  });
}

/**
 * the keys of the largest scale · q kᵀ + bias of each query.
 *
 * The keys of the largest scores, exactly, without storing all scores: `indices` u32 `[batch, heads, queries, selected]`, best
 * first, the lowest index first among equals; 4294967295 where a query sees fewer. With `scores: true` their scores too, f32, after
 * scale, soft-cap, bias and mask, and 0 where there is no key. What gather-attention's `listedKeys` takes (IceFormer, Mao et
 * al. 2024, arXiv 2405.02842; SPT).
 *
 * Inputs, options and slots are those of flash-attention, but for what has to do with values. The axis `selected`, at most 512 and at
 * most the keys, is given by name. Scores are compared as f32, NaN as the largest. Throws `bad-shape`.
 */
export const topKeys: Kernel<'q' | 'k' | 'lengths', 'indices' | 'scores'> = /* @__PURE__ */ defineKernel({
  name,
  axes: { ...scoresContract.axes, selected: 'static' },
  inputs: scoresContract.inputs,
  outputs: {
    indices: { shape: ['batch', 'heads', 'queries', 'selected'], dtype: 'u32' },
    scores: { shape: ['batch', 'heads', 'queries', 'selected'], dtype: 'f32', when: ['scores', true] },
  },
  scalars: scoresContract.scalars,
  options: {
    ...scoresContract.options,
    scores: [false, true],
  },
  slots: /* @__PURE__ */ without(loopContract.slots, valueSlots),
  dtypes: scoresContract.dtypes,
  validate,
  variants: [
    {
      name: 'tile',
      supports: (problem, capabilities) => fitsBindings(topKeys, problem, capabilities),
      plans,
      program,
    },
  ],
});
