import { attentionMerge } from '@tilewright/kernels/attention-merge';
import { concat } from '@tilewright/kernels/concat';
import type { Tensor } from '@tilewright/runtime';
import { reshaped, type RunStep } from './run-steps.ts';

/**
 * One softmax over two parts of the keys: `parts` `[2, batch, queries, heads, value_size]` are what attention over each gave, and
 * `first` and `second` its log-sum-exps, `[batch, heads, queries]` in any shape of as many numbers. A part in which a query sees no
 * key has no weight.
 */
export async function mergeParts(
  run: RunStep,
  parts: Tensor,
  first: Tensor,
  second: Tensor,
): Promise<Tensor> {
  const [, batch, queries, heads] = parts.shape as [number, number, number, number];
  const inARow = (lse: Tensor): Tensor => reshaped(lse, [1, 1, 1, batch * heads * queries]);
  const both = await run(concat, {
    axes: { rows: 2 },
    inputs: { first: inARow(first), second: inARow(second) },
  });
  const { y } = await run(attentionMerge, {
    inputs: { parts, part_lse: reshaped(both.y, [2, batch, heads, queries]) },
  });
  return y;
}
