import { attentionCase, attentionFloor, attentionInputs, mixedStorage } from '../check-cases.ts';
import type { CheckCase, CheckInputs, KernelCheck } from '../../contract/check.ts';
import {
  allKeys,
  alibi,
  booleanMask,
  gatedOutput,
  listedKeys,
  neighbourhood,
  sinkSoftmax,
} from '../fillings/index.ts';
import { gatherAttention } from './index.ts';
import { gatherAttentionReference } from './reference.ts';

const noKey = 0xffff_ffff;

/** `attentionCase` with a number of keys for each query. */
const gatherCase = (
  sizes: Parameters<typeof attentionCase>[0],
  selected: number,
  rest: Partial<CheckCase> = {},
): CheckCase => attentionCase(sizes, { ...rest, axes: { ...rest.axes, selected } });

/** Lists in no order: now and then a key that is not there, none at all, and equals. The first query names nobody. */
export function keyLists(input: CheckCase, random: () => number): CheckInputs {
  const { axes, slots } = input;
  const { keys } = (slots?.select ?? listedKeys()).bindings ?? {};
  const chosen = Uint32Array.from({ length: axes.batch! * axes.heads! * (axes.chosen ?? 0) }, (_, i) =>
    i % 5 === 4 ? axes.queries! + i : (i * 7) % axes.queries!,
  );
  if (!keys) return { ...attentionInputs(input, random), ...(axes.chosen !== undefined && { chosen }) };
  const shape = keys.shape.map((size) => (typeof size === 'number' ? size : axes[size]!));
  const drawn = Uint32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) =>
    (i < axes.selected! && axes.queries! > 1 && input.options?.lse !== true) ||
    (i % 7 === 3 && axes.selected! > 4)
      ? noKey
      : Math.floor(random() * (axes.keys! + (i % 5 === 0 && i % axes.selected! > 0 ? 3 : 0))),
  );
  return { ...attentionInputs(input, random), 'select.keys': drawn };
}

export const check: KernelCheck = {
  kernel: gatherAttention,
  reference: gatherAttentionReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops:
      axes.batch! *
      axes.heads! *
      (axes.chosen ?? axes.queries!) *
      Math.min(axes.selected!, axes.keys!) *
      (2 * axes.head_size! + 2 * axes.value_size! + 4),
  }),
  inputs: keyLists,
  cases: [
    gatherCase([1, 1, 1, 1, 1, 4], 1),
    gatherCase([2, 7, 19, 4, 2, 8], 5, { options: { lengths: true } }),
    gatherCase([2, 5, 300, 3, 3, 7, 5], 300, { options: { lse: true } }),
    gatherCase([1, 37, 65, 2, 1, 20, 12], 17, {
      name: 'values to 1e4, causal',
      options: { causal: true },
      scale: { q: 1e4, k: 1e4, v: 1e4 },
    }),
    gatherCase([2, 33, 40, 4, 2, 8], 9, {
      options: { softcap: 5, window_left: 20, q_strides: 'bhsd', k_strides: 'sbhd' },
      slots: { select: listedKeys({ heads: 'kv_heads' }), score: alibi },
      dtypes: mixedStorage,
    }),
    gatherCase([2, 12, 50, 2, 1, 64, 128], 133, {
      name: 'one list for all',
      slots: {
        select: listedKeys({ batch: false, heads: 1, queries: false }),
        mask: booleanMask({ batch: true, queries: true }),
        weight: sinkSoftmax,
        epilogue: gatedOutput(128),
      },
      dtypes: mixedStorage,
    }),
    gatherCase([2, 23, 37, 2, 1, 12], 37, {
      name: 'a few queries of all, causal',
      axes: { chosen: 5 },
      options: { rows: 'chosen', causal: true, lse: true, y_strides: 'bhsd' },
      slots: { select: allKeys, score: alibi },
    }),
    gatherCase([2, 35, 35, 2, 2, 8], 15, {
      slots: { select: neighbourhood({ grid: [5, 7], kernel: [3, 5] }), score: alibi },
      dtypes: mixedStorage,
    }),
  ],
  workloads: [
    {
      ...gatherCase([1, 4096, 4096, 4, 4, 64], 49, {
        slots: { select: neighbourhood({ grid: [64, 64], kernel: 7 }) },
      }),
      name: 'windows of 7 by 7 in 64 by 64 pixels',
      model: 'Hourglass Diffusion',
      size: 'large',
    },
    {
      ...gatherCase([1, 512, 512, 4, 4, 64], 64, { options: { causal: true } }),
      name: 'an eighth of the keys',
      model: 'SPT',
      size: 'large',
    },
  ],
  spreads: ['v'],
  floor: attentionFloor,
};
