import { TilewrightError } from '@tilewright/kernels';
import { denseDType } from '@tilewright/kernels/weights/dense';
import { codecOf, type RowRange, selectRows, unpack } from '@tilewright/kernels/weights';
import { checkCompressionKinds } from './check-kinds.ts';
import type { WeightInput } from './recipe.ts';

/** A weight in numbers. */
export interface FloatMatrix {
  readonly rows: number;
  readonly columns: number;
  /** `[rows, columns]`, all finite. */
  readonly values: Float32Array;
  /** `[rows, columns]`: 0 where an earlier recipe pruned and nothing may be stored; null for dense weights. */
  readonly kept: Uint8Array | null;
}

/** Runs of rows of which each takes about 4 MiB in f64, in order. */
export function rowRuns(shape: readonly number[]): RowRange[] {
  checkCompressionKinds('rowRuns', { shape });
  const [rows, columns] = shape;
  const size = Math.max(1, Math.floor(2 ** 19 / Math.max(1, columns!)));
  return Array.from({ length: Math.ceil(rows! / size) }, (_, i) => [
    i * size,
    Math.min(rows!, (i + 1) * size),
  ]);
}

/**
 * The numbers of a weight that a recipe can work on: a matrix of floats, dense or sparse.
 *
 * @param subject the recipe's name, for messages.
 * @param limit the largest magnitude that the recipe can store.
 * @param range the rows wanted, default all: large weights are worked on a run of rows at a time.
 * @throws `bad-shape` for a tensor that is no matrix, `bad-format` for one of integers, `bad-argument` for values that
 * are not finite or beyond `limit`.
 */
export function floatMatrix(
  subject: string,
  input: WeightInput,
  limit: number = Infinity,
  range?: RowRange,
): FloatMatrix {
  checkCompressionKinds(subject, { input });
  const { name, tensor, codecs } = input;
  const { format, shape } = tensor;
  const [allRows, columns] = shape;
  if (allRows === undefined || columns === undefined || shape.length !== 2) {
    throw new TilewrightError('bad-shape', {
      subject,
      problem: `'${name}' has shape [${shape.join(', ')}]`,
      requirement: 'weights are matrices, [outputs, inputs]',
      fix: 'leave it out by `select`',
    });
  }
  const dtype = denseDType(format.values ?? format);
  if (dtype === undefined || !['f32', 'f16', 'bf16', 'f64'].includes(dtype)) {
    throw new TilewrightError('bad-format', {
      subject,
      problem: `'${name}' is stored as ${format.name}`,
      requirement: 'only floats can be compressed',
      fix: 'start from the dense weight, and put what rounds last',
    });
  }
  const [from, to] = range ?? [0, allRows];
  const chosen = range === undefined ? tensor : selectRows(tensor, [range]);
  const numbers = unpack(chosen, codecs);
  const bad = numbers.findIndex((value) => !(Math.abs(value) < Infinity && Math.abs(value) <= limit));
  if (bad >= 0) {
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `'${name}' holds ${numbers[bad]} in row ${from + Math.floor(bad / columns)}, column ${bad % columns}`,
      requirement: Number.isFinite(numbers[bad])
        ? `scales are stored as f16, so weights are at most ${limit} in magnitude`
        : 'weights are finite',
      fix: Number.isFinite(numbers[bad]) ? 'leave it out by `select`' : 'get the weight files again',
    });
  }
  return {
    rows: to - from,
    columns,
    values: numbers,
    kept: format.values === undefined ? null : codecOf(format, codecs).mask!(chosen),
  };
}
