import { checkOption, type FloatMatrix, type WeightInput, withoutLostRows } from '@tilewright/compression';
import { checkOptions } from '@tilewright/kernels';
import { storedLike, type HostTensor } from '@tilewright/kernels/weights';
import { dense, denseDType, packDense } from '@tilewright/kernels/weights/dense';
import { nm, packNM } from '@tilewright/kernels/weights/n-m';

/** Which weights go: of each `m` neighbours of a row all but `n`, or a part of all, wherever they are or in blocks. */
export type Pattern =
  | { readonly n: number; readonly m: number }
  | {
      readonly sparsity: number;
      /** Weights that go together; default single ones. Columns are a power of two up to 128. */
      readonly block?: readonly [rows: number, columns: number];
    };

/** What every pruning recipe may be told; every member has a default. */
export interface PruneConfig {
  /** 2 of 4 unless told. `m` is 2, 4, 8 or 16, `n` from 1 to `m - 1`; `sparsity`, the part that goes, is from 0 to 1. */
  readonly pattern?: Pattern;
  /** How N:M sparse weights store what they keep: f16 unless told. Unstructured ones keep their dtype. */
  readonly values?: 'f32' | 'f16';
}

/** Columns of a block: they divide the run of columns that is settled at once. */
const widths: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128];

/** A configuration with its defaults, checked. */
export interface CheckedConfig {
  readonly pattern: Pattern;
  /** `2:4`, or `50%`. */
  readonly patternName: string;
  readonly values: 'f32' | 'f16';
}

/**
 * `recipe`'s configuration with its defaults; `others` are the options that it has besides those of every recipe here.
 * Throws `bad-argument` for an option that is unknown or out of range.
 */
export function checkedConfig(
  recipe: string,
  config: PruneConfig,
  others: readonly string[] = [],
): CheckedConfig {
  checkOptions(recipe, config, ['pattern', 'values', ...others]);
  const { pattern = { n: 2, m: 4 }, values = 'f16' } = config;
  checkOption(recipe, 'values', values, values === 'f32' || values === 'f16', "'f32' or 'f16'");
  const allowed = '{ n, m } or { sparsity, block }';
  checkOption(recipe, 'pattern', pattern, typeof pattern === 'object' && pattern !== null, allowed);
  const members = Object.keys(pattern).sort().join();
  const isOne = ['m,n', 'sparsity', 'block,sparsity'].includes(members);
  checkOption(recipe, 'pattern', pattern, isOne, allowed);
  if ('n' in pattern) {
    const { n, m } = pattern;
    checkOption(recipe, 'pattern.m', m, [2, 4, 8, 16].includes(m), '2, 4, 8 or 16');
    const nFits = Number.isInteger(n) && n >= 1 && n < m;
    checkOption(recipe, 'pattern.n', n, nFits, `a whole number from 1 to ${m - 1}, less than m`);
    return { pattern, patternName: `${n}:${m}`, values };
  }
  const { sparsity } = pattern;
  const sparsityFits = sparsity >= 0 && sparsity <= 1;
  checkOption(recipe, 'pattern.sparsity', sparsity, sparsityFits, 'a number from 0 to 1');
  const part = `${Math.round(sparsity * 1000) / 10}%`;
  if (!pattern.block) return { pattern, patternName: part, values };
  const [rows, columns, ...more] = pattern.block;
  const blockFits = more.length === 0 && Number.isInteger(rows) && rows >= 1 && widths.includes(columns);
  checkOption(
    recipe,
    'pattern.block',
    pattern.block,
    blockFits,
    `[rows, columns] with ${widths.join(', ')} columns`,
  );
  return { pattern, patternName: `${rows}x${columns}-${part}`, values };
}

/** Stores pruned numbers: N:M sparse for such a pattern, else in the dtype that the weight had. Refuses to lose a row. */
export function packPruned(
  name: string,
  input: WeightInput,
  numbers: Float32Array,
  config: CheckedConfig,
): HostTensor {
  return withoutLostRows(name, input, numbers, stored(input, numbers, config));
}

function stored(
  { tensor, codecs }: WeightInput,
  numbers: Float32Array,
  { pattern, values }: CheckedConfig,
): HostTensor {
  const { format, shape } = tensor;
  if ('n' in pattern) {
    const target = nm({ ...pattern, values: dense(values) });
    return packNM(packDense(numbers, shape, values), target, codecs);
  }
  const dtype = denseDType(format.values ?? format);
  const full = packDense(numbers, shape, dtype === 'f16' || dtype === 'bf16' ? dtype : 'f32');
  return storedLike(full, format, codecs);
}

/** The columns of row-major `[rows, columns]` that pruning by `scores` leaves, as 1 and 0. */
export function keepBest(
  scores: Float64Array,
  rows: number,
  columns: number,
  pattern: Pattern,
  scope: 'row' | 'matrix',
): Uint8Array {
  const kept = new Uint8Array(rows * columns).fill(1);
  if ('n' in pattern) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c += pattern.m) {
        const start = r * columns + c;
        const present = Math.min(pattern.m, columns - c);
        dropSmallest(scores, kept, start, present, Math.max(0, present - pattern.n));
      }
    }
    return kept;
  }
  if (pattern.block) return keepBlocks(scores, rows, columns, pattern.block, pattern.sparsity);
  const length = scope === 'row' ? columns : rows * columns;
  for (let start = 0; start < kept.length; start += length) {
    dropSmallest(scores, kept, start, length, Math.round(length * pattern.sparsity));
  }
  return kept;
}

/** The same where whole blocks go, those with the smallest mean score; blocks at the edges may be smaller. */
export function keepBlocks(
  scores: Float64Array,
  rows: number,
  columns: number,
  [blockRows, blockColumns]: readonly [rows: number, columns: number],
  sparsity: number,
): Uint8Array {
  const across = Math.ceil(columns / blockColumns);
  const count = across * Math.ceil(rows / blockRows);
  const blockOf = (i: number): number =>
    Math.floor(Math.floor(i / columns) / blockRows) * across + Math.floor((i % columns) / blockColumns);
  const [sums, sizes] = [new Float64Array(count), new Float64Array(count)];
  scores.forEach((score, i) => {
    const block = blockOf(i);
    sums[block] = sums[block]! + score;
    sizes[block] = sizes[block]! + 1;
  });
  const keptBlocks = new Uint8Array(count).fill(1);
  const means = sums.map((sum, block) => sum / sizes[block]!);
  dropSmallest(means, keptBlocks, 0, count, Math.round(count * sparsity));
  return Uint8Array.from(scores, (_, i) => keptBlocks[blockOf(i)]!);
}

/** Clears `kept` where the `drop` smallest of `count` scores from `start` on are; of equal ones the later go first. */
export function dropSmallest(
  scores: Float64Array,
  kept: Uint8Array,
  start: number,
  count: number,
  drop: number,
): void {
  if (drop === 0) return;
  const threshold = scores.slice(start, start + count).sort()[drop - 1]!;
  let left = drop;
  for (let i = start; i < start + count; i++) {
    if (!(scores[i]! < threshold)) continue;
    kept[i] = 0;
    left--;
  }
  for (let i = start + count - 1; left > 0; i--) {
    if (scores[i] !== threshold) continue;
    kept[i] = 0;
    left--;
  }
}

/** Keeps an earlier recipe's zeros: what it pruned scores below everything. */
export function forbidPruned(scores: Float64Array, { kept }: FloatMatrix): Float64Array {
  return kept === null ? scores : scores.map((score, i) => (kept[i] === 1 ? score : -1));
}
