// Keys and pixels in groups: RITA's group attention, the k-means that makes its groups, and kMaX's update of centres.
import { checkOptions } from '@tilewright/kernels';
import { gaussianSimilarity, keyCounts } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { hardAttention } from '@tilewright/kernels/hard-attention';
import { segmentSum } from '@tilewright/kernels/segment-sum';
import type { Device, Tensor } from '@tilewright/runtime';
import { attentionAxes, type AttentionTensors, checkFloats, checkNames, checkShape } from './check-inputs.ts';
import { checkCount } from './check-options.ts';
import { type RunStep, runSteps } from './run-steps.ts';

/** Means (or sums) of the rows of each group, and how many they are. */
const grouped = (
  run: RunStep,
  operation: 'mean' | 'sum',
  x: Tensor,
  assignment: Tensor,
  segments: number,
): Promise<Readonly<Record<'y' | 'counts', Tensor>>> =>
  run(segmentSum, {
    axes: { segments },
    options: { operation, counts: true, x_strides: 'bshd', y_strides: 'bshd' },
    inputs: { x, assignment },
  });

export interface KMeansTensors {
  /** f32 `[batch, keys, kv_heads, head_size]`: what is put into groups. */
  readonly k: Tensor;
  /** f32 `[batch, groups, kv_heads, head_size]`: the centres to begin with, for example the first keys. */
  readonly centres: Tensor;
}

/** Results of {@link kMeansGroups}. */
export interface KMeansGroups {
  /** f32 `[batch, groups, kv_heads, head_size]`: the mean of the keys of each group; 0 for a group without a key. */
  readonly centres: Tensor;
  /** u32 `[batch, kv_heads, keys]`: the group of each key. */
  readonly assignment: Tensor;
  /** u32 `[batch, kv_heads, groups]`: how many keys a group has. */
  readonly counts: Tensor;
  /** f32 `[batch, keys, kv_heads, head_size]`: the centre, before the last mean was taken, that is nearest to each key. */
  readonly nearest: Tensor;
}

/**
 * Rounds of k-means (Lloyd 1982) over the keys of each head: `assignment_j = argmin_g |k_j - c_g|²`, the lowest of equals, then `c_g =
 * mean of its k_j`. What {@link groupAttention} reads.
 *
 * @throws `bad-dtype`, `bad-shape` for tensors that are not those of {@link KMeansTensors}, `bad-argument` for less than one round.
 */
export async function kMeansGroups(
  device: Device,
  inputs: KMeansTensors,
  options: { readonly rounds: number },
): Promise<KMeansGroups> {
  checkNames('kMeansGroups', inputs, ['k', 'centres']);
  const { k, centres: first } = inputs;
  checkOptions('kMeansGroups', options, ['rounds']);
  const { rounds } = options;
  checkFloats('kMeansGroups', { k, centres: first });
  checkCount('kMeansGroups', 'rounds', rounds, 1);
  const [batch, , heads, size] = k.shape as [number, number, number, number];
  const groups = first.shape[1]!;
  const names = ['batch', 'groups', 'kv_heads', 'head_size'];
  checkShape('kMeansGroups', 'centres', first, names, [batch, groups, heads, size]);
  return await runSteps(device, async (run): Promise<KMeansGroups & Readonly<Record<string, Tensor>>> => {
    const round = async (from: Tensor) => {
      // Keys look for the centre of the largest -|k - c|².
      const found = await run(hardAttention, {
        scalars: { scale: 1 },
        options: { indices: true },
        slots: { similarity: gaussianSimilarity },
        inputs: { q: k, k: from, v: from },
      });
      const { y: centres, counts } = await grouped(run, 'mean', k, found.indices, groups);
      return { centres, assignment: found.indices, counts, nearest: found.y };
    };
    let result = await round(first);
    for (let i = 1; i < rounds; i++) result = await round(result.centres);
    return result;
  });
}

export interface GroupAttentionTensors extends AttentionTensors {
  /** u32 `[batch, kv_heads, keys]`, or `[batch, 1, keys]` where all heads have the same: the group of each key. */
  readonly assignment: Tensor;
}

/**
 * Group attention (RITA; Liang et al. 2023, arXiv 2306.01926): the mean of the keys of a group stands for all of them:
 *
 *     y_i = Σ_g n_g w_ig v̄_g / Σ_g n_g w_ig,   w_ig = exp(scale · q_i · k̄_g)
 *
 * with n_g keys in group g, of mean k̄_g, and their values' mean v̄_g. Exact where the keys of a group are equal; where they lie within d
 * of their mean, no weight is off by more than a factor of exp(2 · scale · |q| · d). `q` f32 `[batch, queries, heads, head_size]`, `k` f32
 * `[batch, keys, kv_heads, head_size]`, `v` f32 `[batch, keys, kv_heads, value_size]`; `y` f32 `[batch, queries, heads, value_size]`, `lse`
 * f32 `[batch, heads, queries]`, the logarithm of the sum, by which it merges with other parts.
 *
 * @throws `bad-dtype`, `bad-shape` for tensors that are not these, `bad-argument` for no groups.
 */
export async function groupAttention(
  device: Device,
  tensors: GroupAttentionTensors,
  options: { readonly groups: number; readonly scale?: number },
): Promise<{ readonly y: Tensor; readonly lse: Tensor }> {
  checkNames('groupAttention', tensors, ['q', 'k', 'v', 'assignment']);
  const { assignment, ...inputs } = tensors;
  checkOptions('groupAttention', options, ['groups', 'scale']);
  const { groups, scale = 0 } = options;
  const { batch, kvHeads, keys } = attentionAxes('groupAttention', inputs);
  checkCount('groupAttention', 'groups', groups, 1);
  const lists = assignment.shape[1] === 1 ? 1 : kvHeads;
  checkShape(
    'groupAttention',
    'assignment',
    assignment,
    ['batch', 'kv_heads | 1', 'keys'],
    [batch, lists, keys],
  );
  return await runSteps(device, async (run) => {
    const { y: k, counts } = await grouped(run, 'mean', inputs.k, assignment, groups);
    const { y: v } = await grouped(run, 'mean', inputs.v, assignment, groups);
    const { y, lse } = await run(flashAttention, {
      options: { lse: true },
      axes: { kv_heads: kvHeads },
      scalars: { scale },
      slots: { score: keyCounts({ shared: lists === 1 }) },
      inputs: { q: inputs.q, k, v, 'score.counts': counts },
    });
    return { y, lse };
  });
}

export interface KMaxTensors {
  /** f32 `[batch, centres, heads, head_size]`: the queries of the centres. */
  readonly q: Tensor;
  /** f32 `[batch, pixels, heads, head_size]`: the keys of the pixels. */
  readonly k: Tensor;
  /** f32 `[batch, pixels, heads, value_size]`: the values of the pixels. */
  readonly v: Tensor;
}

/** Results of {@link kMaxUpdate}. */
export interface KMaxUpdate {
  /** f32 `[batch, centres, heads, value_size]`: what is added to the centres. */
  readonly y: Tensor;
  /** u32 `[batch, heads, pixels]`: the centre of each pixel. */
  readonly assignment: Tensor;
  /** u32 `[batch, heads, centres]`: how many pixels a centre has. */
  readonly counts: Tensor;
}

/**
 * The cross-attention of kMaX-DeepLab (Yu et al. 2022, arXiv 2207.04044): an argmax over centres in place of a softmax over pixels,
 * `y = A v`, `A_cp = 1` where `c = argmax_c' q_c' · k_p`, the lowest of equals, and 0 elsewhere. Each pixel goes to one centre.
 *
 * @throws `bad-dtype`, `bad-shape` for tensors that are not those of {@link KMaxTensors}.
 */
export async function kMaxUpdate(device: Device, inputs: KMaxTensors): Promise<KMaxUpdate> {
  checkNames('kMaxUpdate', inputs, ['q', 'k', 'v']);
  const { q, k, v } = inputs;
  checkFloats('kMaxUpdate', { q, k, v });
  const [batch, pixels, heads, size] = k.shape as [number, number, number, number];
  const [centres, valueSize] = [q.shape[1]!, v.shape[3]!];
  checkShape('kMaxUpdate', 'q', q, ['batch', 'centres', 'heads', 'head_size'], [batch, centres, heads, size]);
  checkShape(
    'kMaxUpdate',
    'v',
    v,
    ['batch', 'pixels', 'heads', 'value_size'],
    [batch, pixels, heads, valueSize],
  );
  return await runSteps(device, async (run): Promise<KMaxUpdate & Readonly<Record<string, Tensor>>> => {
    const { indices } = await run(hardAttention, {
      options: { indices: true },
      inputs: { q: k, k: q, v: q },
    });
    const { y, counts } = await grouped(run, 'sum', v, indices, centres);
    return { y, assignment: indices, counts };
  });
}
