// Vcc (Zeng et al. 2023, arXiv 2305.04241): attention over a sequence that is compressed where important tokens do not look.
import { checkOptions } from '@tilewright/kernels';
import { treeSegments, type TreeSegments } from '@tilewright/kernels/attention';
import { attentionWeights } from '@tilewright/kernels/attention-weights';
import { embedding } from '@tilewright/kernels/embedding';
import { keyCounts } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { reduce } from '@tilewright/kernels/reduce';
import { segmentSum } from '@tilewright/kernels/segment-sum';
import type { Device, Tensor } from '@tilewright/runtime';
import { attentionAxes, type AttentionTensors, oneRow, sameTokens } from './check-inputs.ts';
import { checkCount } from './check-options.ts';
import { type MakeTensor, reshaped, type RunStep, runSteps } from './run-steps.ts';

export interface SegmentOptions {
  /** What scores are multiplied with; default 1 / √head_size. */
  readonly scale?: number;
}

interface Steps {
  readonly run: RunStep;
  readonly tensor: MakeTensor;
}

/** Means of the segments of queries, keys or values, `[1, tokens, heads, channels]`. */
const segmentMeans = (
  { run, tensor }: Steps,
  { assignment, segments }: TreeSegments,
  x: Tensor,
): Promise<Readonly<Record<'y' | 'counts', Tensor>>> =>
  run(segmentSum, {
    axes: { segments },
    options: { operation: 'mean', counts: true, x_strides: 'bshd', y_strides: 'bshd' },
    inputs: { x, assignment: tensor([1, 1, assignment.length], assignment) },
  });

/**
 * Attention among segments of a sequence (`treeSegments` of `@tilewright/kernels/attention` cuts it): with tokens i in segment S, `y_i
 * = Σ_T |T| w_ST v̄_T / Σ_T |T| w_ST`, `w_ST = exp(scale · q̄_S · k̄_T)`, of means q̄, k̄, v̄. Every token of a segment gets its segment's
 * row. `q` f32 `[1, tokens, heads, head_size]`, `k` f32 `[1, tokens, kv_heads, head_size]`, `v` f32 `[1, tokens, kv_heads, value_size]`;
 * `y` f32 `[1, tokens, heads, value_size]`. Where each token is a segment it is softmax attention.
 *
 * @throws `bad-dtype`, `bad-shape` for tensors that are not these, `bad-argument` for segments of another number of tokens.
 */
export async function segmentAttention(
  device: Device,
  inputs: AttentionTensors,
  segments: TreeSegments,
  options: SegmentOptions = {},
): Promise<{ readonly y: Tensor }> {
  checkOptions('segmentAttention', options, ['scale']);
  const { scale = 0 } = options;
  const {
    queries: tokens,
    heads,
    kvHeads,
    valueSize,
  } = attentionAxes('segmentAttention', inputs, [sameTokens, oneRow]);
  checkCount('segmentAttention', 'segments.assignment.length', segments.assignment.length, tokens, tokens);
  return await runSteps(device, async (run, tensor) => {
    const steps = { run, tensor };
    const q = await segmentMeans(steps, segments, inputs.q);
    const k = await segmentMeans(steps, segments, inputs.k);
    const v = await segmentMeans(steps, segments, inputs.v);
    const { y } = await run(flashAttention, {
      axes: { kv_heads: kvHeads },
      slots: { score: keyCounts({ shared: true }) },
      scalars: { scale },
      inputs: { q: q.y, k: k.y, v: v.y, 'score.counts': k.counts },
    });
    const spread = await run(embedding, {
      inputs: {
        table: reshaped(y, [segments.segments, heads * valueSize]),
        ids: tensor([tokens], segments.assignment),
      },
    });
    return { y: reshaped(spread.y, [1, tokens, heads, valueSize]) };
  });
}

/**
 * How much the important tokens look at each segment: f32 `[1, segments]`, the weights `softmax_T(scale · q_i · k̄_T + ln |T|)` summed over
 * heads and the first `important` segments i, which `treeSegments` has made of its `exact` tokens. Tensors are those of
 * {@link segmentAttention}, and so are its errors.
 */
export async function segmentImportance(
  device: Device,
  inputs: AttentionTensors,
  segments: TreeSegments,
  options: SegmentOptions & { readonly important: number },
): Promise<{ readonly importance: Tensor }> {
  checkOptions('segmentImportance', options, ['important', 'scale']);
  const { important, scale = 0 } = options;
  const axes = attentionAxes('segmentImportance', inputs, [sameTokens, oneRow]);
  const { queries: tokens, heads, kvHeads, headSize } = axes;
  checkCount('segmentImportance', 'segments.assignment.length', segments.assignment.length, tokens, tokens);
  checkCount('segmentImportance', 'important', important, 1, segments.segments);
  return await runSteps(device, async (run, tensor) => {
    const steps = { run, tensor };
    const q = await segmentMeans(steps, segments, inputs.q);
    const k = await segmentMeans(steps, segments, inputs.k);
    const { scores } = await run(attentionWeights, {
      axes: { kv_heads: kvHeads },
      slots: { score: keyCounts({ shared: true }) },
      scalars: { scale },
      inputs: {
        q: reshaped(q.y, [1, important, heads, headSize]),
        k: k.y,
        'score.counts': k.counts,
      },
    });
    const { y } = await run(reduce, {
      options: { operation: 'sum' },
      inputs: { x: reshaped(scores, [1, heads * important, segments.segments]) },
    });
    return { importance: y };
  });
}

export interface CompressedAttentionOptions extends SegmentOptions {
  /** Tokens of a segment at each level, the coarsest first; each divides the one before. */
  readonly sizes: readonly number[];
  /** For each level but the last, how many of its segments are cut into those of the next. */
  readonly refine: readonly number[];
  /** The important tokens, which stay as they are and say where the rest is cut finer; at least one. */
  readonly important: readonly number[];
}

/**
 * Attention compressed by importance (Vcc): segments of the coarsest size, of which those that the important tokens look at most are cut
 * finer, level by level; then {@link segmentAttention}, whose tensors and errors these are too. Where segments are looked at equally,
 * the first is cut. The numbers of {@link segmentImportance} are read back once per level. `segments` is how the sequence was cut.
 *
 * @throws `bad-argument` for sizes that do not divide, no important token, or more segments to cut than there are.
 */
export async function compressedAttention(
  device: Device,
  inputs: AttentionTensors,
  options: CompressedAttentionOptions,
): Promise<{ readonly y: Tensor; readonly segments: TreeSegments }> {
  const recipe = 'compressedAttention';
  checkOptions(recipe, options, ['sizes', 'refine', 'important', 'scale']);
  const { sizes, refine, important, scale = 0 } = options;
  const { queries: tokens } = attentionAxes(recipe, inputs, [sameTokens, oneRow]);
  checkCount(recipe, 'important.length', important.length, 1, tokens);
  checkCount(recipe, 'refine.length', refine.length, 0, sizes.length - 1);
  const refined: number[][] = [];
  let segments = treeSegments({ tokens, sizes, exact: important });
  for (const [level, count] of refine.entries()) {
    const size = sizes[level]!;
    const candidates = segmentsToCut(tokens, sizes, refined, new Set(important));
    checkCount(recipe, `refine[${level}]`, count, 0, candidates.length);
    const { importance } = await segmentImportance(device, inputs, segments, {
      important: important.length,
      scale,
    });
    const looks = await importance.read();
    importance.dispose();
    const lookAt = ({ token }: { readonly token: number }): number => looks[segments.assignment[token]!]!;
    const chosen = [...candidates].sort((a, b) => lookAt(b) - lookAt(a)).slice(0, count);
    refined.push(chosen.map(({ token }) => Math.floor(token / size)));
    segments = treeSegments({ tokens, sizes, refined, exact: important });
  }
  return { ...(await segmentAttention(device, inputs, segments, { scale })), segments };
}

/** A token that is not exact of each segment of the level that `refined` leads to. */
function segmentsToCut(
  tokens: number,
  sizes: readonly number[],
  refined: readonly (readonly number[])[],
  exact: ReadonlySet<number>,
): readonly { readonly token: number }[] {
  const level = refined.length;
  const size = sizes[level]!;
  const parents = refined.at(-1);
  const ratio = level === 0 ? 1 : sizes[level - 1]! / size;
  const numbers = parents
    ? [...parents]
        .sort((a, b) => a - b)
        .flatMap((parent) => Array.from({ length: ratio }, (_, i) => parent * ratio + i))
    : Array.from({ length: Math.ceil(tokens / size) }, (_, i) => i);
  return numbers.flatMap((segment) => {
    for (let token = segment * size; token < Math.min((segment + 1) * size, tokens); token++)
      if (!exact.has(token)) return [{ token }];
    return [];
  });
}
