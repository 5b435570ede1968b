import { compensatedSweep, type GramStatistics } from '@tilewright/compression';
import { inverseFactor, upperTriangle } from '@tilewright/compression/linalg';
import { TilewrightError } from '@tilewright/kernels';

/** Added to the diagonal of the Gram matrix, as a part of its mean. */
const damping = 0.01;

/**
 * A weight `[rows, columns]` of the kept columns alone, which make up for those that went as well as they can on the inputs that were
 * calibrated on: SparseGPT's step, with whole columns. `kept`: ascending. Throws `bad-argument` for what is not a Gram matrix.
 */
export function withoutColumns(
  name: string,
  values: Float32Array,
  { gram, columns }: GramStatistics,
  kept: readonly number[],
): Float32Array {
  const isKept = new Set(kept);
  const dropped = Array.from({ length: columns }, (_, c) => c).filter((c) => !isKept.has(c));
  const order = [...dropped, ...kept];
  let mean = 0;
  for (let c = 0; c < columns; c++) mean += gram[c * columns + c]! / columns;
  const factor = upperTriangle(columns);
  const added = mean === 0 ? 1 : damping * mean;
  const isDefinite = inverseFactor(
    factor,
    (i, j) => gram[order[i]! * columns + order[j]!]! + (i === j ? added : 0),
  );
  if (!isDefinite)
    throw new TilewrightError('bad-argument', {
      subject: name,
      problem: 'the statistics of its inputs are not a Gram matrix',
      requirement: 'XᵀX is finite and has no negative eigenvalue',
      fix: 'look for inputs that are not finite',
    });
  const rows = values.length / columns;
  const weights = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) weights[i] = values[i - (i % columns) + order[i % columns]!]!;
  const choose = (_row: number, column: number, value: number): number =>
    column < dropped.length ? 0 : value;
  compensatedSweep({ weights, rows, columns, factor, block: 128, choose });
  const result = new Float32Array(rows * kept.length);
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < kept.length; c++)
      result[row * kept.length + c] = weights[row * columns + dropped.length + c]!;
  return result;
}
