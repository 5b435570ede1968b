import { checkOption, floatMatrix, perWeight, type Recipe, withoutLostRows } from '@tilewright/compression';
import { checkOptions, type Quantizer } from '@tilewright/kernels';
import { quantizerFor, roundWeight, storedLike } from '@tilewright/kernels/weights';
import { type AnyQuantizer, checkQuantizer } from './check-quantizer.ts';
import { targetFormat } from './target-format.ts';

/** What `hqq` may be told; every member has a default. */
export interface HqqConfig {
  /** The norm of the error that is made small, above 0 and at most 1: the smaller, the less outliers count. Default 0.7. */
  readonly norm?: number;
  /** Most rounds of the two steps; default 20. */
  readonly iterations?: number;
}

/**
 * HQQ, half-quadratic quantization: grids for which the errors have a small `Σ |e|^p` with `p` below 1, so that a few
 * outliers do not spoil a span. Two steps in turn: errors are shrunk to the few large ones, `e = shrink(w - ŵ)`, and the grid
 * is fitted to `w - e`. A round is kept where it makes the norm smaller. Needs no statistics.
 *
 * Of the paper's closed form for a real zero point, whatever the quantizer does to fit takes the place, so that any format will
 * do; it is at its best with one that searches. Sparse weights stay sparse. Throws `bad-argument` for what is no quantizer, and an
 * option that is unknown or out of range.
 *
 * Source: Badri and Shaji, Half-Quadratic Quantization of Large Machine Learning Models (2023), equations 3 to 6.
 */
export function hqq<Grid>(quantizer: AnyQuantizer<Grid>, config: HqqConfig = {}): Recipe {
  checkQuantizer('hqq', quantizer);
  checkOptions('hqq', config, ['norm', 'iterations']);
  const { norm = 0.7, iterations = 20 } = config;
  checkOption('hqq', 'norm', norm, norm > 0 && norm <= 1, 'a number above 0, at most 1');
  const isCount = Number.isInteger(iterations) && iterations >= 1;
  checkOption('hqq', 'iterations', iterations, isCount, 'a whole number from 1');
  const name = `${quantizer.name}-hqq`;
  return perWeight(name, [], (input) => {
    const target = targetFormat(input, quantizer);
    const { shape } = input.tensor;
    const { values, columns } = floatMatrix(name, input, quantizer.limit);
    const own = quantizerFor(quantizer, [values], columns);
    const fit: typeof own.fit = (numbers, start, count) =>
      halfQuadraticFit<Grid>(own, numbers.slice(start, start + count), norm, iterations);
    const rounded = roundWeight({ ...own, fit }, values, shape);
    return withoutLostRows(name, input, values, storedLike(rounded, target, input.codecs));
  });
}

/** The grid for a span. */
function halfQuadraticFit<Grid>(
  quantizer: Quantizer<Grid>,
  values: Float64Array,
  norm: number,
  iterations: number,
): Grid {
  const { lanes } = quantizer;
  const errors = new Float64Array(values.length);
  const normOf = (grid: Grid): number => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      const at = i - (i % lanes);
      const code = quantizer.nearest(grid, values, at, Math.min(lanes, values.length - at));
      errors[i] = values[i]! - quantizer.value(grid, code, i - at);
      sum += Math.abs(errors[i]!) ** norm;
    }
    return sum;
  };
  let best = quantizer.fit(values, 0, values.length);
  let least = normOf(best);
  const mean = errors.reduce((sum, error) => sum + Math.abs(error), 0) / Math.max(1, values.length);
  if (mean === 0) return best;
  // The paper's β is 10 for weights of its models; here it is in units of the span's own error, so that scales do not matter.
  let strength = 1 / mean ** (2 - norm);
  const target = new Float64Array(values.length);
  for (let round = 0; round < iterations; round++) {
    errors.forEach((error, i) => {
      const size = Math.abs(error);
      const shrunk = size === 0 ? 0 : Math.max(0, size - (norm * size ** (norm - 1)) / strength);
      target[i] = values[i]! - Math.sign(error) * shrunk;
    });
    const grid = quantizer.fit(target, 0, target.length);
    const found = normOf(grid);
    if (found >= least) break;
    [best, least] = [grid, found];
    strength *= 1.01;
  }
  return best;
}
