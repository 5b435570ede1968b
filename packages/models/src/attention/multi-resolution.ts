// MRA-2 (Zeng et al. 2022, arXiv 2207.10284): attention at two resolutions.
import { checkOptions } from '@tilewright/kernels';
import { attentionWeights } from '@tilewright/kernels/attention-weights';
import { blockMask, keyCounts } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { listBlocks } from '@tilewright/kernels/list-blocks';
import { segmentSum } from '@tilewright/kernels/segment-sum';
import { topK } from '@tilewright/kernels/top-k';
import type { Device, Tensor } from '@tilewright/runtime';
import { attentionAxes, type AttentionTensors, sameTokens } from './check-inputs.ts';
import { checkChoice, checkCount } from './check-options.ts';
import { mergeParts } from './merge-parts.ts';
import { reshaped, runSteps } from './run-steps.ts';

export interface MultiResolutionOptions {
  /** Tokens of a block; the last block may have fewer. Default 32. */
  readonly blockSize?: number;
  /** How many blocks of its matrix of blocks each head of each batch row sees token by token, 0 up to blocks². */
  readonly exactBlocks: number;
  /** What becomes of the others: `means` stand for them (MRA-2), or `nothing` does (MRA-2-s). Default `means`. */
  readonly others?: 'means' | 'nothing';
  /** What scores are multiplied with; default 1 / √head_size. */
  readonly scale?: number;
}

const noBlock = 0xffff_ffff;

/**
 * Multi-resolution attention, MRA-2: queries and keys in blocks; of all pairs of blocks (I, J) those whose means score highest,
 * `q̄_I · k̄_J`, are seen token by token, all others by their means, in one softmax:
 *
 *     y_i = Σ_j w_ij v_j + Σ_J w_iJ v̄_J,   w ∝ exp(scale · q_i · k_j),  |J| exp(scale · q̄_I · k̄_J)
 *
 * with i in I, the first sum over the tokens of chosen blocks, the second over blocks that are not. Each head of each batch row chooses
 * `exactBlocks` of its own. `q` f32 `[batch, tokens, heads, head_size]`, `k` f32 `[batch, tokens, kv_heads, head_size]`, `v` f32 `[batch,
 * tokens, kv_heads, value_size]`; `y` f32 `[batch, tokens, heads, value_size]`. With all blocks exact it is softmax attention; in MRA-2-s
 * a block of queries none of whose blocks is chosen has zeros.
 *
 * @throws `bad-dtype`, `bad-shape` for tensors that are not these, `bad-argument` for a block without a token or more blocks than there are.
 */
export async function multiResolutionAttention(
  device: Device,
  inputs: AttentionTensors,
  options: MultiResolutionOptions,
): Promise<{ readonly y: Tensor }> {
  const recipe = 'multiResolutionAttention';
  checkOptions(recipe, options, ['blockSize', 'exactBlocks', 'others', 'scale']);
  const { blockSize = 32, exactBlocks, others = 'means', scale = 0 } = options;
  checkChoice(recipe, 'others', others, ['means', 'nothing']);
  const axes = attentionAxes(recipe, inputs, [sameTokens]);
  const { batch, queries: tokens, heads, kvHeads, headSize, valueSize } = axes;
  checkCount(recipe, 'blockSize', blockSize, 1);
  const block = Math.min(blockSize, tokens);
  const blocks = Math.ceil(tokens / block);
  checkCount(recipe, 'exactBlocks', exactBlocks, 0, blocks * blocks);
  // Lists of blocks belong to heads, so batch rows are read as more heads.
  const [lines, kvLines] = [batch * heads, batch * kvHeads];
  const scalars = { scale };
  return await runSteps(device, async (run, tensor) => {
    // 1. Means of blocks, and scores of the means.
    const assignment = tensor(
      [batch, 1, tokens],
      Uint32Array.from({ length: batch * tokens }, (_, i) => Math.floor((i % tokens) / block)),
    );
    const means = (x: Tensor): Promise<Readonly<Record<'y' | 'counts', Tensor>>> =>
      run(segmentSum, {
        axes: { segments: blocks },
        options: { operation: 'mean', counts: true, x_strides: 'bshd', y_strides: 'bhsd' },
        inputs: { x, assignment },
      });
    const [q, k] = [await means(inputs.q), await means(inputs.k)];
    const meanKeys = reshaped(k.y, [1, kvLines, blocks, headSize]);
    const { scores } = await run(attentionWeights, {
      axes: { kv_heads: kvLines },
      options: { stage: 'raw', q_strides: 'bhsd', k_strides: 'bhsd' },
      scalars,
      inputs: { q: reshaped(q.y, [1, lines, blocks, headSize]), k: meanKeys },
    });
    // 2. The best blocks of the whole matrix of each head, and lists of them. (None are listed as one that is no block.)
    const chosen = Math.max(exactBlocks, 1);
    const best =
      exactBlocks === 0
        ? { ids: tensor([lines, 1], new Uint32Array(lines).fill(noBlock)) }
        : await run(topK, {
            axes: { k: chosen },
            inputs: { x: reshaped(scores, [lines, blocks * blocks]) },
          });
    const lists = await run(listBlocks, {
      axes: {
        query_blocks: blocks,
        key_blocks: blocks,
        list_bounds: lines * blocks + 1,
        listed: lines * chosen,
      },
      options: { others: others === 'means' },
      inputs: { ids: best.ids },
    });
    // 3. They are seen token by token: all that there is, or the first of two slices.
    const slices = others === 'means' ? 2 : 1;
    const parts = tensor([slices, batch, tokens, heads, valueSize]);
    const y = reshaped(parts, [1, tokens, lines, valueSize]);
    const sliceOrder = (slice: number): string => `${slices === 1 ? '' : `${slice}/2 `}b h s h:${heads} d`;
    const exact = await run(flashAttention, {
      axes: { kv_heads: kvLines },
      options: {
        lse: true,
        blocks: 'listed',
        block_size: block,
        block_heads: true,
        q_strides: `h s h:${heads} d`,
        k_strides: `h s h:${kvHeads} d`,
        v_strides: `h s h:${kvHeads} d`,
        y_strides: sliceOrder(0),
      },
      scalars,
      inputs: {
        q: reshaped(inputs.q, [1, tokens, lines, headSize]),
        k: reshaped(inputs.k, [1, tokens, kvLines, headSize]),
        v: reshaped(inputs.v, [1, tokens, kvLines, valueSize]),
        block_starts: lists.block_starts,
        block_keys: lists.block_keys,
      },
      outputs: { y },
    });
    if (others === 'nothing') return { y: reshaped(parts, [batch, tokens, heads, valueSize]) };
    // 4. The others by their means, each of which stands for as many keys as its block has: `s+0/7 (s:16)` has 16 queries
    // read each of 7 means.
    const v = await means(inputs.v);
    const rest = await run(flashAttention, {
      axes: { kv_heads: kvLines },
      options: {
        lse: true,
        k_strides: 'bhsd',
        v_strides: 'bhsd',
        q_strides: `h s+0/${blocks} (s:${block}) d`,
        y_strides: sliceOrder(1),
      },
      scalars,
      slots: {
        score: keyCounts({ shared: true }),
        mask: blockMask({ size: block, keySize: 1, heads: true, queryBlocks: blocks, keyBlocks: blocks }),
      },
      inputs: {
        q: reshaped(q.y, [1, tokens, lines, headSize]),
        k: meanKeys,
        v: reshaped(v.y, [1, kvLines, blocks, valueSize]),
        // The first batch row's: blocks are the same in all.
        'score.counts': reshaped(k.counts, [1, 1, blocks]),
        'mask.blocks': lists.others,
      },
      outputs: { y },
    });
    // 5. One softmax over both.
    return {
      y: await mergeParts(run, reshaped(parts, [2, batch, tokens, heads, valueSize]), exact.lse, rest.lse),
    };
  });
}
