import { checkOptions } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Quantizer } from '../../contract/quantizer.ts';
import { scaleInF16 } from '../../numbers/float16.ts';
import { nf4, type Nf4Parameters } from './format.ts';
import { nf4Numbers, nf4Zero } from './numbers.ts';
import { packNf4 } from './pack.ts';

export interface Nf4QuantizerOptions extends Nf4Parameters {
  /**
   * `extreme` (the default): the largest magnitude of a group is its scale, as bitsandbytes has it. `search`: of that scale and
   * smaller ones, the one with the least squared error.
   */
  readonly scale?: 'extreme' | 'search';
}

/** The scale of a group. */
export interface Nf4Grid {
  /** Exact in f16; 0 where every number of the group is stored as zero. */
  readonly scale: number;
}

const middles: readonly number[] = nf4Numbers.slice(1).map((value, i) => (value + nf4Numbers[i]!) / 2);
/** Factors on the extreme scale that a search tries. */
const searchFactors: readonly number[] = Array.from({ length: 11 }, (_, i) => 0.5 + i / 20);

/** The code nearest to a number between -1 and 1, or beyond. */
function nearestCode(value: number): number {
  let code = 0;
  while (code < middles.length && value >= middles[code]!) code++;
  return code;
}

/** Rounds to NF4. Throws `bad-format` for an impossible format, `bad-argument` for another `scale` or option. */
export function nf4Quantizer(options: Nf4QuantizerOptions = {}): Quantizer<Nf4Grid> {
  checkOptions('nf4Quantizer', options, ['group', 'scale']);
  const { scale = 'extreme', ...parameters } = options;
  const format = nf4(parameters);
  if (scale !== 'extreme' && scale !== 'search') {
    throw new TilewrightError('bad-argument', {
      subject: 'nf4Quantizer',
      problem: `scale is '${String(scale)}'`,
      requirement: "it is 'extreme' or 'search'",
      fix: 'give one of these, or leave it out',
    });
  }
  const valueOf = (grid: Nf4Grid, code: number): number => nf4Numbers[code]! * grid.scale;
  const nearest = (grid: Nf4Grid, value: number): number =>
    grid.scale === 0 ? nf4Zero : nearestCode(value / grid.scale);
  const errorOf = (
    grid: Nf4Grid,
    values: Float64Array,
    start: number,
    count: number,
    costs?: Float64Array,
  ): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const value = values[start + i]!;
      sum += (costs === undefined ? 1 : costs[i]!) * (value - valueOf(grid, nearest(grid, value))) ** 2;
    }
    return sum;
  };
  return Object.freeze({
    name: format.group === 64 ? 'nf4' : format.name,
    format,
    span: format.group,
    lanes: 1,
    limit: 65_504,
    fit: (values, start, count, costs) => {
      let largest = 0;
      for (let i = start; i < start + count; i++) largest = Math.max(largest, Math.abs(values[i]!));
      let best: Nf4Grid = { scale: scaleInF16(largest) };
      if (scale === 'extreme') return best;
      let least = errorOf(best, values, start, count, costs);
      for (const factor of searchFactors) {
        const grid = { scale: scaleInF16(factor * largest) };
        const error = errorOf(grid, values, start, count, costs);
        if (error < least) [best, least] = [grid, error];
      }
      return best;
    },
    nearest: (grid, values, at) => nearest(grid, values[at]!),
    value: valueOf,
    zero: () => nf4Zero,
    pack: (codes, grids, shape) =>
      packNf4(
        { codes: Uint8Array.from(codes), scales: Float32Array.from(grids, (grid) => grid.scale) },
        shape,
        format,
      ),
  } satisfies Quantizer<Nf4Grid>);
}
