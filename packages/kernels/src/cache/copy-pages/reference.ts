import type { Oracle } from '../../contract/check.ts';

export const copyPagesReference: Oracle = ({ axes, inputs }) => {
  const { pages, inner, copies } = axes as Record<string, number>;
  const before = inputs.pool!;
  const pool = before.slice();
  for (let copy = 0; copy < copies!; copy++) {
    const [from, to] = [inputs.pairs![2 * copy]!, inputs.pairs![2 * copy + 1]!];
    if (Math.max(from, to) < pages!)
      pool.set(before.subarray(from * inner!, (from + 1) * inner!), to * inner!);
  }
  return { pool };
};
