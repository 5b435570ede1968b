import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { gridMemory } from './index.ts';
import { gridMemoryReference } from './reference.ts';

const sizes = (
  [batch, rows, columns, heads, key_size, value_size]: readonly [
    number,
    number,
    number,
    number,
    number,
    number,
  ],
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  ...rest,
  axes: { batch, rows, columns, heads, key_size, value_size, transitions: 4, edges: 2 },
});

/** Gates from 0 to 1; what leaves an edge, to the right and down together, is at most what came in. */
const gates: DrawInputs = ({ axes }, random) => {
  const { batch, rows, columns, heads } = axes as Record<string, number>;
  const nodes = batch! * rows! * columns!;
  const transitions = new Float32Array(nodes * 4 * heads!);
  for (let node = 0; node < nodes; node++)
    for (let head = 0; head < heads!; head++)
      for (const from of [0, 2]) {
        const [kept, share] = [random(), random()];
        transitions[(node * 4 + from) * heads! + head] = kept * share;
        transitions[(node * 4 + from + 1) * heads! + head] = kept * (1 - share);
      }
  const openings = (): Float32Array => Float32Array.from({ length: nodes * 2 * heads! }, () => random());
  return { transitions, sources: openings(), marks: openings() };
};

export const check: KernelCheck = {
  kernel: gridMemory,
  reference: gridMemoryReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: 13 * axes.batch! * axes.rows! * axes.columns! * axes.heads! * axes.key_size! * axes.value_size!,
  }),
  cases: [
    sizes([1, 1, 1, 1, 1, 1]),
    sizes([2, 3, 5, 2, 4, 3], { scalars: { scale: 0.5 } }),
    sizes([1, 9, 4, 1, 7, 2], { options: { reverse_rows: true } }),
    sizes([1, 17, 3, 2, 3, 5], { options: { reverse_columns: true } }),
    sizes([1, 8, 9, 1, 16, 4], { options: { reverse_rows: true, reverse_columns: true } }),
    sizes([1, 70, 2, 1, 2, 3]),
    sizes([1, 1, 67, 2, 5, 2]),
    sizes([1, 12, 3, 1, 130, 2]),
    sizes([2, 5, 6, 1, 4, 4], { name: 'large values', scale: { v: 1e4 } }),
  ],
  workloads: [
    { ...sizes([1, 8, 8, 2, 16, 16]), name: 'patches', model: 'pLSTM, small', size: 'small' },
    { ...sizes([8, 14, 14, 3, 64, 64]), name: 'patches', model: 'pLSTM-Vis-T', size: 'large' },
  ],
  inputs: gates,
  // A sum over keys of sums over all nodes before, in the same order but for the products that an adapter contracts.
  floor: ({ axes }) => (4 + Math.sqrt(axes.rows! + axes.columns!)) * 2 ** -23,
};
