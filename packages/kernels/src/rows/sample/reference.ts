import type { Oracle } from '../../contract/check.ts';
import { compareDescending, largestIndex } from '../../numbers/ordered.ts';
import { philox4x32 } from '../../numbers/philox.ts';
import type { EmitReference } from './emit.ts';

export interface SampleOptions {
  readonly temperature: number;
  /** 0 or less: all. */
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
  readonly counter: number;
  /** The row of the batch. Default 0. */
  readonly row?: number;
}

const mostKeys = 25 << 15;

/** The token that the kernel draws from these logits (f32). */
export function sampleReference(logits: ArrayLike<number>, options: SampleOptions): number {
  const { temperature, topK, topP, seed, counter, row = 0 } = options;
  const likeliest = largestIndex(logits);
  if (!(temperature > 0)) return likeliest;

  const most = logits[likeliest]!;
  const scale = Math.fround(Math.fround(2 ** 15 * Math.LOG2E) / Math.fround(Math.max(temperature, 1e-30)));
  const keyOf = (logit: number): number =>
    Number.isFinite(most)
      ? Math.trunc(Math.min(Math.fround(Math.fround(most - logit) * scale), 2 ** 24))
      : compareDescending(most, logit) === 0
        ? 0
        : mostKeys;
  let kept = Array.from(logits, (logit, id) => ({ id, logit, key: keyOf(logit) }))
    .filter(({ key }) => key < mostKeys)
    .sort((a, b) => compareDescending(a.logit, b.logit) || a.id - b.id);
  const massOf = (tokens: typeof kept): bigint =>
    tokens.reduce((sum, { key }) => sum + BigInt(sampleWeight(key)), 0n);
  if (topK > 0) kept = kept.slice(0, topK);
  if (topP < 1) {
    const goal = (massOf(kept) * BigInt(Math.trunc(Math.fround(topP) * 2 ** 32))) >> 32n;
    kept = kept.slice(0, 1 + indexAt(kept, goal > 1n ? goal - 1n : 0n));
  }
  const [random] = philox4x32([counter >>> 0, row, 0, 0], [seed >>> 0, 0]);
  return kept[indexAt(kept, (massOf(kept) * BigInt(random)) >> 32n)]!.id;
}

/** Which token lies at `point` when all lie one after the other, each as long as its weight. */
function indexAt(tokens: readonly { readonly key: number }[], point: bigint): number {
  let end = 0n;
  return tokens.findIndex(({ key }) => (end += BigInt(sampleWeight(key))) > point);
}

/** 2^-(key / 2^15) in 26 bits, as the kernel computes it. */
function sampleWeight(key: number): number {
  const x = (key & 0x7fff) << 1;
  const power = [65, 605, 3617, 15736, 45427, 65536].reduce(
    (sum, each) => each - Math.floor((x * sum + 32768) / 65536),
  );
  const shift = key >> 15;
  return Math.floor((power * 1024 + ((2 ** shift) >> 1)) / 2 ** shift);
}

export const sampleOracle: Oracle = ({ axes, uniforms, inputs, slots }) => {
  const { rows, vocab } = axes as { rows: number; vocab: number };
  const {
    temperature,
    top_k: topK,
    top_p: topP,
    seed,
    counter,
  } = uniforms as Record<'temperature' | 'top_k' | 'top_p' | 'seed' | 'counter', number>;
  const ids = Float64Array.from({ length: rows }, (_, row) =>
    sampleReference(inputs.logits!.subarray(row * vocab, (row + 1) * vocab), {
      temperature,
      topK,
      topP,
      seed,
      counter,
      row,
    }),
  );
  return (slots.emit as EmitReference)(
    ids,
    { positions: inputs['emit.positions']!, lengths: inputs['emit.lengths']! },
    ids.map((id, row) => inputs.logits![row * vocab + id]!),
  );
};
