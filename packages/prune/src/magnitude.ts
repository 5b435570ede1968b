import { floatMatrix, perWeight, type Recipe } from '@tilewright/compression';
import { checkedConfig, forbidPruned, keepBest, packPruned, type PruneConfig } from './pattern.ts';

/**
 * Drops the weights closest to zero: of each group of `m`, or of the whole matrix. Needs no statistics; what the better
 * recipes are compared with.
 */
export function magnitude(config: PruneConfig = {}): Recipe {
  const checked = checkedConfig('magnitude', config);
  const name = `${checked.patternName}-magnitude`;
  return perWeight(name, [], (input) => {
    const matrix = floatMatrix(name, input);
    const { rows, columns, values } = matrix;
    const scores = forbidPruned(Float64Array.from(values, Math.abs), matrix);
    const kept = keepBest(scores, rows, columns, checked.pattern, 'matrix');
    return packPruned(
      name,
      input,
      values.map((value, i) => (kept[i] === 1 ? value : 0)),
      checked,
    );
  });
}
