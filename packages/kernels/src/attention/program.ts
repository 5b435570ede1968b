import { assemble } from '../contract/assemble.ts';
import { isBound } from '../contract/bindings.ts';
import type { Feature, KernelLimits } from '../contract/capabilities.ts';
import type { Plan, Problem, Program } from '../contract/contract.ts';
import type { Kernel } from '../contract/define-kernel.ts';
import { ceilDiv, type Extent, extent, plus, times } from '../contract/extent.ts';
import { attentionSettings, type AttentionModes } from './contract.ts';
import { attentionOrders } from './orders.ts';
import finishSplitWgsl from './finish-split.wgsl';
import finishWholeWgsl from './finish-whole.wgsl';
import { rowAddressWgsl } from '../memory/memory-order.ts';
import paddedWgsl from './padded.wgsl';
import placeWgsl from './place.wgsl';
import seenWgsl from './seen.wgsl';
import powerWgsl from '../numbers/power.wgsl';
import { masked } from './slots.ts';
import tileSubgroupsWgsl from './tile.subgroups.wgsl';
import tileWgsl from './tile.wgsl';
import { unrolledTile } from './unrolled-tile.ts';
import walkAllWgsl from './walk-all.wgsl';

/** The shape of a workgroup of tile.wgsl; see its first lines. */
export interface AttentionTile {
  readonly threadsX: number;
  readonly threadsY: number;
  readonly rows: number;
  readonly columns: number;
}

/** Elements per fragment of queries and keys, and of values. */
export const fragmentWidths = ({ axes }: Problem): { readonly qk: 1 | 4; readonly v: 1 | 4 } => ({
  qk: axes.head_size! % 4 === 0 ? 4 : 1,
  v: axes.value_size! % 4 === 0 ? 4 : 1,
});

/** How the threads of a row divide the output's fragments, and, if there are few, the keys. */
function outputShares(problem: Problem, { threadsX, threadsY, rows }: AttentionTile) {
  const units = problem.axes.value_size! / fragmentWidths(problem).v;
  const channelThreads = Math.min(threadsX, 2 ** Math.ceil(Math.log2(units)));
  const keyGroups = threadsX / channelThreads;
  const channels = Math.ceil(units / channelThreads);
  const shares = keyGroups > 1 ? rows * threadsY * channels * channelThreads : 1;
  return { units, channelThreads, keyGroups, channels, shares };
}

/** Workgroup memory of a tile, in bytes. */
function workgroupBytes(problem: Problem, tile: AttentionTile): number {
  const { threadsX, threadsY, rows, columns } = tile;
  const { shares } = outputShares(problem, tile);
  const tileRows = threadsY * rows;
  return 4 * (tileRows * (threadsX * columns + 1) + tileRows * threadsX + shares * fragmentWidths(problem).v);
}

export const fits = (problem: Problem, tile: AttentionTile, limits: KernelLimits): boolean =>
  workgroupBytes(problem, tile) <= limits.maxComputeWorkgroupStorageSize &&
  tile.threadsX * tile.threadsY <=
    Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX);

const mergeThreads = 64;

/** tile.wgsl with its prelude; the Plan gives the tile, `pack` (heads per row block) and `splits` of the keys. */
export function tileProgram(kernel: Kernel, problem: Problem, plan: Plan, modes: AttentionModes): Program {
  const tile: AttentionTile = {
    threadsX: Number(plan.threads_x),
    threadsY: Number(plan.threads_y),
    rows: Number(plan.rows),
    columns: Number(plan.columns),
  };
  const share = outputShares(problem, tile);
  const blocks = rowBlocks(problem, plan, tile.threadsY * tile.rows);
  return attentionProgram(kernel, problem, plan, modes, tileWgsl, blocks, {
    THREADS_X: tile.threadsX,
    THREADS_Y: tile.threadsY,
    CHANNELS: share.channels,
    CHANNEL_THREADS: share.channelThreads,
    KEY_GROUPS: share.keyGroups,
    SHARES: share.shares,
  });
}

/**
 * tile.subgroups.wgsl, or what `unrolledTile` makes of it, with its prelude; the Plan gives `lanes` (the subgroup size),
 * `rows`, `columns`, `pack`, `splits` and `unrolled`.
 */
export function subgroupProgram(
  kernel: Kernel,
  problem: Problem,
  plan: Plan,
  modes: AttentionModes,
): Program {
  const [lanes, rows, columns] = [Number(plan.lanes), Number(plan.rows), Number(plan.columns)];
  const channels = laneChannels(problem, lanes);
  const wgsl = plan.unrolled === true ? unrolledTile({ lanes, rows, columns, channels }) : tileSubgroupsWgsl;
  const constants = { LANES: lanes, CHANNELS: channels };
  const blocks = rowBlocks(problem, plan, rows);
  return attentionProgram(kernel, problem, plan, modes, wgsl, blocks, constants, ['subgroups']);
}

/** Fragments of the output that each of `lanes` lanes adds up. */
export const laneChannels = (problem: Problem, lanes: number): number =>
  Math.ceil(problem.axes.value_size! / fragmentWidths(problem).v / lanes);

/** Blocks of `rows` rows of one head (or `pack` heads) over one split, as padded.wgsl and packed.wgsl number them. */
function rowBlocks(problem: Problem, { pack, splits }: Plan, rows: number): Extent {
  const { packed, listed, blockSize } = attentionSettings(problem);
  const stripe = listed ? blockSize * Number(pack) : rows;
  const each = Math.ceil(stripe / rows) * (problem.axes.heads! / Number(pack)) * Number(splits);
  return packed
    ? times(plus(extent('floor/', times('tokens', Number(pack)), stripe), 'batch'), each)
    : times(times('batch', each), ceilDiv(times('queries', Number(pack)), stripe));
}

function attentionProgram(
  kernel: Kernel,
  problem: Problem,
  plan: Plan,
  modes: AttentionModes,
  wgsl: string,
  workgroups: Extent,
  constants: Record<string, number>,
  requires: readonly Feature[] = [],
): Program {
  const { axes } = problem;
  const splits = Number(plan.splits);
  const width = fragmentWidths(problem);
  const rows = problem.options.packed
    ? times(axes.heads!, 'tokens')
    : times('batch', times(axes.heads!, 'queries'));
  const bytes = (each: number): Extent => times(rows, 4 * splits * each);
  const main = { entryPoint: 'main', workgroups };
  return assemble({
    kernel,
    problem,
    plan,
    requires,
    constants: {
      ...attentionConstants(problem),
      PACK: Number(plan.pack),
      SPLITS: splits,
      ROWS: Number(plan.rows),
      COLUMNS: Number(plan.columns),
      MERGE_THREADS: mergeThreads,
      ...constants,
    },
    views: { q: { width: width.qk }, k: { width: width.qk }, v: { width: width.v }, y: { width: width.v } },
    ...(splits > 1 && {
      scratch: {
        partial_output: { sizeBytes: bytes(axes.value_size!), width: width.v },
        partial_state: { sizeBytes: bytes(2), width: 2 },
      },
    }),
    wgsl: [
      wgsl,
      splits > 1 ? finishSplitWgsl : finishWholeWgsl,
      placeWgsl,
      ...attentionPrelude(problem, modes),
    ],
    dispatches:
      splits === 1
        ? [main]
        : [
            {
              ...main,
              bindings: [...inputNames(kernel, problem), 'partial_output', 'partial_state'],
              slots: Object.keys(problem.slots).filter((slot) => slot !== 'epilogue'),
            },
            {
              entryPoint: 'merge',
              workgroups: ceilDiv(times(rows, axes.value_size! / width.v), mergeThreads),
              bindings: [
                'partial_output',
                'partial_state',
                'y',
                ...(problem.options.lse === true ? ['lse'] : []),
                ...(problem.options.packed === true ? ['q_starts'] : []),
              ],
              slots: ['weight', 'epilogue'],
            },
          ],
  });
}

export const inputNames = (kernel: Kernel, problem: Problem): string[] =>
  Object.keys(kernel.inputs).filter((name) => isBound(kernel.inputs[name]!, problem));

export function attentionConstants(
  problem: Problem,
): Record<string, number | boolean | { readonly f32: number }> {
  const { axes } = problem;
  const width = fragmentWidths(problem);
  const settings = attentionSettings(problem);
  return {
    HEADS: axes.heads!,
    GROUP: axes.heads! / axes.kv_heads!,
    QK_UNITS: axes.head_size! / width.qk,
    V_UNITS: axes.value_size! / width.v,
    MASKED: { f32: masked },
    SCALE: { f32: settings.scale },
    SOFTCAP: { f32: settings.softcap },
    CAUSAL: settings.causal,
    ALIGN_END: settings.alignment === 'end',
    MANY: 0x3fff_ffff,
  };
}

/** Fragment types, addresses, and what depends on which tensors are bound. */
export function attentionPrelude(problem: Problem, modes: AttentionModes): readonly string[] {
  const { offset, windowLeft, windowRight, lengths, lse, packed, listed, blockSize, blockHeads } =
    attentionSettings(problem);
  const width = fragmentWidths(problem);
  const orders = attentionOrders(problem);
  const fragment = { 1: 'f32', 4: 'vec4<f32>' };
  const bits = { 1: 'u32', 4: 'vec4<u32>' };
  const address = (tensor: 'q' | 'k' | 'v' | 'y', each: 1 | 4): string => {
    const { order, sizes } = orders[tensor];
    const own = tensor === 'q' || tensor === 'y';
    const names = packed ? ['tokens', 'key_tokens'] : ['queries', 'keys'];
    return rowAddressWgsl(packed ? `${tensor}_token_at` : `${tensor}_at`, order, {
      b: packed ? '1u' : 'params.batch',
      s: `params.${names[own ? 0 : 1]}`,
      h: `${sizes.h}u`,
      d: sizes.d / each,
    });
  };
  return [
    `const OFFSET = ${offset}i;`,
    `const WINDOW_LEFT = ${windowLeft}i;`,
    `const WINDOW_RIGHT = ${windowRight}i;`,
    `alias qk_fragment = ${fragment[width.qk]};`,
    `alias v_fragment = ${fragment[width.v]};`,
    `fn v_keep_nan(x: v_fragment, result: v_fragment) -> v_fragment {
  let bits = bitcast<${bits[width.v]}>(x);
  return select(result, x, (bits & ${bits[width.v]}(0x7fffffffu)) > ${bits[width.v]}(0x7f800000u));
}`,
    `fn qk_dot(a: qk_fragment, b: qk_fragment) -> f32 { return ${width.qk === 4 ? 'dot(a, b)' : 'a * b'}; }`,
    address('q', width.qk),
    address('k', width.qk),
    address('v', width.v),
    address('y', width.v),
    `fn length_of(batch: u32) -> u32 { return ${lengths ? 'min(lengths_load(batch), key_count(batch))' : 'key_count(batch)'}; }`,
    packed ? modes.packed! : paddedWgsl,
    powerWgsl,
    seenWgsl,
    ...(listed
      ? [`const BLOCK_SIZE = ${blockSize}u;`, `const BLOCK_HEADS = ${blockHeads};`, modes.listed!]
      : [walkAllWgsl]),
    lse
      ? 'fn store_log_sum_exp(row: u32, value: f32) { lse_store(row, value); }'
      : 'fn store_log_sum_exp(row: u32, value: f32) {}',
  ];
}
