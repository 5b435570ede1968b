// ProbSparse attention (Informer; Zhou et al. 2021, arXiv 2012.07436): full attention for the queries that are worth it.
import {
  checkOptions,
  nonNegativeInteger,
  optional,
  positiveInteger,
  randomStream,
  TilewrightError,
} from '@tilewright/kernels';
import { allKeys, listedKeys } from '@tilewright/kernels/fillings';
import { gatherAttention } from '@tilewright/kernels/gather-attention';
import { querySparsity } from '@tilewright/kernels/query-sparsity';
import { topK } from '@tilewright/kernels/top-k';
import { valueMeans } from '@tilewright/kernels/value-means';
import type { Device, Tensor } from '@tilewright/runtime';
import { attentionAxes, type AttentionTensors } from './check-inputs.ts';
import { checkChoice, checkCount } from './check-options.ts';
import { reshaped, runSteps } from './run-steps.ts';

export interface ProbSparseOptions {
  /** How many queries of each head attend to all keys; the paper takes c · ln(queries). */
  readonly active: number;
  /** `[queries, samples]`: the keys by which each query is measured ({@link sampledKeys} draws them). */
  readonly samples: Uint32Array<ArrayBuffer>;
  /** Queries see nothing later than themselves (as many queries as keys, or the last ones of them). Default false. */
  readonly causal?: boolean;
  /** Rows of the other queries where `causal`: means of the values up to theirs, or sums as in Informer's code. Default `mean`. */
  readonly others?: 'mean' | 'sum';
  /** What scores are multiplied with; default 1 / √head_size. */
  readonly scale?: number;
}

/** `[queries, samples]`: keys drawn evenly for each query, the same ones for the same seed; one may come twice. */
export function sampledKeys(
  options: Readonly<Record<'queries' | 'keys' | 'samples', number>> & { readonly seed?: number },
): Uint32Array<ArrayBuffer> {
  checkOptions('sampledKeys', options, {
    queries: positiveInteger,
    keys: positiveInteger,
    samples: positiveInteger,
    seed: optional(nonNegativeInteger),
  });
  const { queries, keys, samples, seed = 1 } = options;
  const unit = randomStream(seed);
  return Uint32Array.from({ length: queries * samples }, () => Math.floor(unit() * keys));
}

/**
 * ProbSparse attention: of each head the `active` queries of the largest `M_i = max_j s_ij - mean_j s_ij`, over sampled keys j with `s_ij
 * = scale · q_i · k_j`, have `y_i = softmax_j(s_ij) v` over all keys; the others `y_i = mean_j v_j`, with `causal` over the keys up to
 * theirs. `q` f32 `[batch, queries, heads, head_size]`, `k` f32 `[batch, keys, kv_heads, head_size]`, `v` f32 `[batch, keys, kv_heads,
 * value_size]`; `y` f32 `[batch, queries, heads, value_size]`, `chosen` u32 `[batch, heads, active]`, the active queries, the largest
 * measure first. With all queries active it is softmax attention. As in the paper, the measure does not mask what lies later.
 *
 * @throws `bad-dtype`, `bad-shape` for tensors that are not these, `bad-argument` for more active queries than there are, samples that are no
 *   rows of keys, and `others` without `causal`.
 */
export async function probSparseAttention(
  device: Device,
  inputs: AttentionTensors,
  options: ProbSparseOptions,
): Promise<{ readonly y: Tensor; readonly chosen: Tensor }> {
  const recipe = 'probSparseAttention';
  checkOptions(recipe, options, ['active', 'samples', 'causal', 'others', 'scale']);
  const { active, samples, causal = false, others, scale = 0 } = options;
  checkChoice(recipe, 'others', others ?? 'mean', ['mean', 'sum']);
  const { batch, queries, keys, heads, kvHeads } = attentionAxes(recipe, inputs);
  const { q, k, v } = inputs;
  checkCount(recipe, 'active', active, 1, queries);
  const fail = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', { subject: recipe, problem, requirement, fix });
  };
  if (samples.length === 0 || samples.length % queries !== 0)
    fail(
      `'samples' has ${samples.length} numbers for ${queries} queries`,
      'each query has a list of keys, all of one length',
      'make them with sampledKeys',
    );
  const stray = samples.find((key) => key >= keys);
  if (stray !== undefined)
    fail(`'samples' names key ${stray}`, `there are ${keys} keys`, 'make them with sampledKeys');
  if (others !== undefined && !causal)
    fail(
      `'others' is '${others}' without 'causal'`,
      "without order there is one mean of all values, and no sum 'up to' a query",
      "leave 'others' out, or set causal: true",
    );
  const selected = samples.length / queries;
  const scalars = { scale };
  return await runSteps(device, async (run, tensor) => {
    const { measure } = await run(querySparsity, {
      scalars,
      slots: { select: listedKeys({ batch: false, heads: 1 }) },
      axes: { selected, kv_heads: kvHeads },
      inputs: { q, k, 'select.keys': tensor([1, 1, queries, selected], samples) },
    });
    const { ids } = await run(topK, {
      axes: { k: active },
      inputs: { x: reshaped(measure, [batch * heads, queries]) },
    });
    const chosen = reshaped(ids, [batch, heads, active]);
    const { y } = await run(valueMeans, {
      options: {
        of: causal ? `running-${others ?? 'mean'}` : 'mean',
      },
      axes: { queries, heads, kv_heads: kvHeads },
      inputs: { v },
    });
    await run(gatherAttention, {
      options: { rows: 'chosen', causal },
      scalars,
      slots: { select: allKeys },
      axes: { selected: keys, kv_heads: kvHeads },
      inputs: { q, k, v, chosen },
      outputs: { y },
    });
    return { y, chosen };
  });
}
