import { floatMatrix, requiredGram, gramStatistic, perWeight, type Recipe } from '@tilewright/compression';
import { checkedConfig, forbidPruned, keepBest, packPruned, type PruneConfig } from './pattern.ts';

/**
 * Drops the weights that contribute least to their row's output, by `|w| · ‖x‖` with `‖x‖` the norm of the input over the
 * calibration text: of each group of `m`, or of each row. Keeps the other weights as they are. Needs the Gram matrix,
 * of which only the diagonal counts; where that is zero, no input was ever active and magnitudes alone decide.
 *
 * Source: Sun, Liu, Bair and Kolter, A Simple and Effective Pruning Approach for Large Language Models (2023).
 */
export function wanda(config: PruneConfig = {}): Recipe {
  const checked = checkedConfig('wanda', config);
  const name = `${checked.patternName}-wanda`;
  return perWeight(name, [gramStatistic], (input) => {
    const matrix = floatMatrix(name, input);
    const { rows, columns, values } = matrix;
    const { gram } = requiredGram(name, input);
    const energies = Float64Array.from({ length: columns }, (_, c) => gram[c * columns + c]!);
    const norms = energies.some((energy) => energy > 0) ? energies.map(Math.sqrt) : energies.fill(1);
    const scores = forbidPruned(
      Float64Array.from(values, (value, i) => Math.abs(value) * norms[i % columns]!),
      matrix,
    );
    const kept = keepBest(scores, rows, columns, checked.pattern, 'row');
    return packPruned(
      name,
      input,
      values.map((value, i) => (kept[i] === 1 ? value : 0)),
      checked,
    );
  });
}
