import { checkOptions, finiteNumber, nonNegativeInteger, TilewrightError } from '@tilewright/kernels';
import { checkCompressionKinds } from './check-kinds.ts';
import { inverseFactor, upperTriangle, type UpperTriangle } from './linalg/index.ts';
import type { WeightInput } from './recipe.ts';
import { type GramStatistics, gramStatistic, valueOf } from './statistic.ts';

/** How to prepare a Gram matrix for `compensatedSweep`. */
export interface FactorOptions {
  /** Added to the diagonal, as a part of its mean: 0.01 is the papers' choice. */
  readonly damping: number;
  /**
   * Columns that stay neighbours. Runs of this many are treated in order of their energy (their sum on the diagonal),
   * columns within a run likewise, so that what matters most is settled while there are still many columns to make up
   * for it; 0 keeps the order they have. A run that is cut short by the last column comes last.
   */
  readonly run: number;
}

/** A Gram matrix made ready. */
export interface FactoredGram {
  /** `U [columns, columns]` with `UᵀU` the inverse of the damped Gram matrix, in the order of treatment. */
  readonly factor: UpperTriangle;
  /** `order[i]` is the column treated `i`-th. */
  readonly order: Int32Array;
}

/** The Gram matrix of a recipe's input, once it is known to be there and to fit; messages speak for `subject`. */
export function requiredGram(subject: string, input: WeightInput): GramStatistics {
  checkCompressionKinds(subject, { input });
  const { name, tensor } = input;
  const columns = tensor.shape.at(-1);
  const statistics = valueOf(input.statistics, gramStatistic);
  if (statistics === undefined) {
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `there are no statistics for '${name}'`,
      requirement: `this recipe needs ${gramStatistic.summary}`,
      fix: 'calibrate first, and pass the statistics under the name of the weight',
    });
  }
  if (statistics.columns !== columns || statistics.gram.length !== columns * columns) {
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `the statistics for '${name}' are of ${statistics.columns} inputs in ${statistics.gram.length} numbers`,
      requirement: `its ${columns} inputs take ${columns! * columns!}`,
    });
  }
  const { gram } = statistics;
  for (let i = 0; i < gram.length; i++) {
    const isDiagonal = i % (columns + 1) === 0;
    if (!(Math.abs(gram[i]!) < Infinity) || (isDiagonal && gram[i]! < 0))
      throw noGram(
        subject,
        name,
        `it has ${gram[i]} in row ${Math.floor(i / columns)}, column ${i % columns}`,
      );
  }
  return statistics;
}

/**
 * Orders, damps and factors the Gram matrix of `input`.
 *
 * Inputs that were never active, and as many as you like that depend on others, need no special care: damping makes
 * the matrix definite, and their errors then burden nobody. A matrix of zeros counts as the identity. Where the damping
 * asked for does not suffice it is raised tenfold, up to the diagonal's mean.
 *
 * @throws `bad-argument` where statistics are missing, of the wrong size, or no Gram matrix.
 */
export function factorGram(subject: string, input: WeightInput, options: FactorOptions): FactoredGram {
  checkOptions(subject, options, {
    damping: finiteNumber,
    run: nonNegativeInteger,
  });
  const { damping, run } = options;
  const { gram, columns } = requiredGram(subject, input);
  const diagonal = Float64Array.from({ length: columns }, (_, c) => gram[c * columns + c]!);
  const mean = diagonal.reduce((sum, value) => sum + value, 0) / columns;
  const order = run === 0 ? Int32Array.from(diagonal.keys()) : orderByEnergy(diagonal, run);
  // One triangle, filled again for each try: there may be little room for a second one.
  const factor = upperTriangle(columns);
  for (let part = damping; part <= 1; part = Math.max(10 * part, 1e-4)) {
    const added = mean === 0 ? 1 : part * mean;
    const at = (i: number, j: number): number =>
      gram[order[i]! * columns + order[j]!]! + (i === j ? added : 0);
    if (inverseFactor(factor, at)) return { factor, order };
  }
  throw noGram(subject, input.name, 'it cannot be factored, however much is added to its diagonal');
}

function noGram(subject: string, name: string, found: string): TilewrightError {
  return new TilewrightError('bad-argument', {
    subject,
    problem: `the statistics for '${name}' are not a Gram matrix: ${found}`,
    requirement: 'XᵀX is finite, symmetric and has no negative eigenvalue',
    fix: "give XᵀX of the layer's inputs, as calibration gathers it",
  });
}

function orderByEnergy(diagonal: Float64Array, run: number): Int32Array {
  const byEnergy =
    (energy: ArrayLike<number>) =>
    (a: number, b: number): number =>
      energy[b]! - energy[a]! || a - b;
  const columns = [...diagonal.keys()];
  const runs: number[][] = [];
  for (let start = 0; start < columns.length; start += run) {
    runs.push(columns.slice(start, start + run).sort(byEnergy(diagonal)));
  }
  const energies = runs.map((members) => members.reduce((sum, c) => sum + diagonal[c]!, 0));
  const whole = runs.flatMap((members, index) => (members.length === run ? [index] : []));
  const rest = runs.filter((members) => members.length < run);
  return Int32Array.from([...whole.sort(byEnergy(energies)).map((index) => runs[index]!), ...rest].flat());
}
