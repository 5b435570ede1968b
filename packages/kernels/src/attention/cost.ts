import type { Cost } from '../contract/check.ts';
import type { Problem } from '../contract/contract.ts';
import { attentionSettings } from './contract.ts';
import { storageBytes } from '../contract/storage-type.ts';

/** Queries and keys of a batch row; of packed ones the mean. */
export function rowSizes({ axes, options }: Pick<Problem, 'axes' | 'options'>): {
  readonly queries: number;
  readonly keys: number;
} {
  if (options.packed !== true) return { queries: axes.queries!, keys: axes.keys! };
  return {
    queries: Math.ceil(axes.tokens! / axes.batch!),
    keys: Math.ceil(axes.key_tokens! / axes.batch!),
  };
}

const bytesOf = (problem: Problem, name: string): number => storageBytes(problem.dtypes[name]);

/** Keys and values once per key/value head, queries and output once; two products per visible pair. */
export function attentionCost(problem: Problem): Cost {
  const { batch, heads, kv_heads, head_size, value_size } = problem.axes as Required<Record<string, number>>;
  const { queries, keys } = rowSizes(problem);
  const { causal, alignment, offset, windowLeft, windowRight } = attentionSettings(problem);
  const shift = offset + (alignment === 'end' ? keys - queries : 0);
  let pairs = 0;
  for (let query = 0; query < queries; query++) {
    const position = query + shift;
    const last = Math.min(
      keys - 1,
      causal ? position : Infinity,
      windowRight >= 0 ? position + windowRight : Infinity,
    );
    const first = Math.max(0, windowLeft >= 0 ? position - windowLeft : 0);
    pairs += Math.max(0, last - first + 1);
  }
  const qBytes =
    queries * heads! * (head_size! * bytesOf(problem, 'q') + value_size! * bytesOf(problem, 'y'));
  const kvBytes =
    keys * kv_heads! * (head_size! * bytesOf(problem, 'k') + value_size! * bytesOf(problem, 'v'));
  return {
    bytes: batch! * (qBytes + kvBytes),
    flops: batch! * heads! * pairs * (2 * head_size! + 2 * value_size! + 4),
  };
}
