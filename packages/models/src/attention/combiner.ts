// Combiner (Ren et al. 2021, arXiv 2107.05768): full attention of which most is seen through the summaries of regions.
import { checkOptions } from '@tilewright/kernels';
import { blockLists } from '@tilewright/kernels/attention';
import { concat } from '@tilewright/kernels/concat';
import {
  bandBlocks,
  blockMask,
  type BlockPattern,
  blockTable,
  listedKeys,
  otherBlocks,
} from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { gatherAttention } from '@tilewright/kernels/gather-attention';
import { pool } from '@tilewright/kernels/pool';
import type { Device, Tensor } from '@tilewright/runtime';
import {
  attentionAxes,
  type AttentionAxes,
  type AttentionTensors,
  sameHeads,
  sameTokens,
} from './check-inputs.ts';
import { checkCount } from './check-options.ts';
import { mergeParts } from './merge-parts.ts';
import { type MakeTensor, reshaped, type RunStep, runSteps } from './run-steps.ts';

export interface CombinerOptions {
  /** What scores are multiplied with; default 1 / √head_size. */
  readonly scale?: number;
}

export interface FixedCombinerOptions extends CombinerOptions {
  /** Tokens of a block; the last block may have fewer. */
  readonly blockSize: number;
  /** Tokens see nothing later than themselves. Default false. */
  readonly causal?: boolean;
}

const noKey = 0xffff_ffff;

/**
 * A key `[batch, regions, heads, head_size]` and a value `[batch, regions, heads, value_size]` for each block of `block` tokens. The
 * key is the largest of the block's keys in each channel; the value is what the mean of its queries attends to within the block.
 */
async function summaries(
  { run, tensor }: { readonly run: RunStep; readonly tensor: MakeTensor },
  { q, k, v }: AttentionTensors,
  { keys: tokens }: AttentionAxes,
  block: number,
  scale: number,
): Promise<Record<'k' | 'v', Tensor>> {
  const regions = Math.ceil(tokens / block);
  const windows = { grid: `${tokens}`, window: `${block}`, stride: `${block}` };
  // What lies past the last token is no token, and counts neither for the largest nor for the mean.
  const blocks = { ...windows, padding_end: `${regions * block - tokens}` };
  const keys = await run(pool, {
    options: { ...blocks, operation: 'max' },
    axes: { out_tokens: regions },
    inputs: { x: k },
  });
  const queries = await run(pool, {
    options: { ...blocks, operation: 'mean' },
    axes: { out_tokens: regions },
    inputs: { x: q },
  });
  const members = Uint32Array.from({ length: regions * block }, (_, i) => (i < tokens ? i : noKey));
  const { y } = await run(gatherAttention, {
    slots: { select: listedKeys({ batch: false, heads: 1 }) },
    axes: { selected: block },
    scalars: { scale },
    inputs: { q: queries.y, k, v, 'select.keys': tensor([1, 1, regions, block], members) },
  });
  return { k: keys.y, v: y };
}

/**
 * Combiner with its fixed pattern: a token sees the tokens of its own block one by one, and every other block r as one region, in one
 * softmax:
 *
 *     y_i = Σ_{j in own} w_j v_j + Σ_r w_r v̄_r,   w ∝ exp(scale · q_i · k_j),  exp(scale · q_i · k̄_r)
 *     k̄_r = max_{j in r} k_j (by channel),   v̄_r = softmax_j(scale · q̄_r · k_j) v,   q̄_r = mean_{j in r} q_j
 *
 * With `causal`, its own block up to itself and the blocks before. `q` f32 `[batch, tokens, heads, head_size]`, `k` f32 `[batch,
 * tokens, heads, head_size]`, `v` f32 `[batch, tokens, heads, value_size]`; `y` f32 `[batch, tokens, heads, value_size]`. Any number of tokens.
 * One block of all tokens is softmax attention. The time grows with tokens · (blockSize + tokens / blockSize).
 *
 * @throws `bad-dtype`, `bad-shape` for tensors that are not these, `bad-argument` for a block without a token and for other options.
 */
export async function fixedCombiner(
  device: Device,
  inputs: AttentionTensors,
  options: FixedCombinerOptions,
): Promise<{ readonly y: Tensor }> {
  checkOptions('fixedCombiner', options, ['blockSize', 'causal', 'scale']);
  const { blockSize, causal = false, scale = 0 } = options;
  const axes = attentionAxes('fixedCombiner', inputs, [sameTokens, sameHeads]);
  checkCount('fixedCombiner', 'blockSize', blockSize, 1);
  const { batch, queries: tokens, heads, valueSize } = axes;
  const block = Math.min(blockSize, tokens);
  const regions = Math.ceil(tokens / block);
  const matrix = { queryBlocks: regions, keyBlocks: regions };
  return await runSteps(device, async (run, tensor) => {
    // 1. The own block, from lists with nothing but the diagonal, into the first of two slices.
    const parts = tensor([2, batch, tokens, heads, valueSize]);
    const part = reshaped(parts, [batch, tokens, heads, valueSize]);
    const own = blockLists(matrix, bandBlocks(0));
    const local = await run(flashAttention, {
      options: {
        causal,
        lse: true,
        blocks: 'listed',
        block_size: block,
        y_strides: '0/2 b s h d',
      },
      scalars: { scale },
      inputs: {
        ...inputs,
        block_starts: tensor([own.starts.length], own.starts),
        block_keys: tensor([own.keys.length], own.keys),
      },
      outputs: { y: part },
    });
    // 2. All tokens attend to the other blocks' summaries: to those before their own, or to all.
    const others: BlockPattern = causal ? (query, key) => key < query : otherBlocks(bandBlocks(0));
    const regional = await run(flashAttention, {
      options: { lse: true, y_strides: '1/2 b s h d' },
      scalars: { scale },
      slots: { mask: blockMask({ size: block, keySize: 1, ...matrix }) },
      inputs: {
        q: inputs.q,
        ...(await summaries({ run, tensor }, inputs, axes, block, scale)),
        'mask.blocks': tensor([1, regions, regions], blockTable(matrix, others)),
      },
      outputs: { y: part },
    });
    // 3. One softmax over both.
    return { y: await mergeParts(run, parts, local.lse, regional.lse) };
  });
}

/** Tokens `[batch, tokens, heads, channels]`, and others behind them. */
async function after(run: RunStep, first: Tensor, second: Tensor): Promise<Tensor> {
  const [batch, before, heads, channels] = first.shape as [number, number, number, number];
  const rows = before + second.shape[1]!;
  // All heads of a token are a row.
  const inRows = (x: Tensor): Tensor => reshaped(x, [batch, 1, x.shape[1]!, heads * channels]);
  const { y } = await run(concat, {
    axes: { rows },
    inputs: { first: inRows(first), second: inRows(second) },
  });
  return reshaped(y, [batch, rows, heads, channels]);
}

/**
 * Combiner with its log-sparse pattern, causal: a token sees itself, and what is before it as binary regions, the longest first: token
 * 13 = 8 + 4 + 1 sees the tokens 0 to 7, 8 to 11 and 12 as one region each. Formula of a region, shapes and types as in
 * {@link fixedCombiner}. Any number of tokens; time and memory grow with tokens · log₂ tokens.
 *
 * @throws `bad-dtype`, `bad-shape` for tensors that are not these.
 */
export async function logSparseCombiner(
  device: Device,
  inputs: AttentionTensors,
  options: CombinerOptions = {},
): Promise<{ readonly y: Tensor }> {
  checkOptions('logSparseCombiner', options, ['scale']);
  const { scale = 0 } = options;
  const axes = attentionAxes('logSparseCombiner', inputs, [sameTokens, sameHeads]);
  const tokens = axes.queries;
  return await runSteps(device, async (run, tensor) => {
    // Tokens, then blocks of two, of four, …: a list of nodes from which queries choose.
    let { k, v } = inputs;
    const firstNode = [0];
    for (let block = 2; block < tokens; block *= 2) {
      firstNode.push(k.shape[1]!);
      const level = await summaries({ run, tensor }, inputs, axes, block, scale);
      k = await after(run, k, level.k);
      v = await after(run, v, level.v);
    }
    // For each bit that is set in the number of a token, the block that ends there.
    const selected = firstNode.length + 1;
    const lists = Array.from({ length: tokens }, (_, i) => [
      i,
      ...firstNode.map((first, level) => ((i >> level) % 2 === 1 ? first + (i >> level) - 1 : noKey)),
    ]);
    const { y } = await run(gatherAttention, {
      slots: { select: listedKeys({ batch: false, heads: 1 }) },
      axes: { selected },
      scalars: { scale },
      inputs: {
        q: inputs.q,
        k,
        v,
        'select.keys': tensor([1, 1, tokens, selected], Uint32Array.from(lists.flat())),
      },
    });
    return { y };
  });
}
