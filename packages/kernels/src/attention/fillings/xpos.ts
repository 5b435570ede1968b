import { checkOptions, finiteNumber, optional } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { ropeTable, ropeTableKinds, type RopeTableOptions } from '../../position/rope/rope-table.ts';

export interface XposOptions extends RopeTableOptions {
  /** Positions over which a pair decays once by its factor; default 512. */
  readonly scaleBase?: number;
  /** How little the fastest pair decays; default 0.4. */
  readonly gamma?: number;
}

/**
 * Tables of rope for queries and for keys that make scores decay with distance: rows of pair j are multiplied by ζ_j^(n /
 * scaleBase) for queries and by its inverse for keys, ζ_j = (2j / rotary + γ) / (1 + γ) (xPos; Sun et al. 2022, arXiv
 * 2212.10554). n counts from the middle of the table, which scores do not show and which keeps the numbers small. Each is
 * `[positions, rotary / 2, 2]`, for the fillings `ropeLoadQ` and `ropeLoadK` and for the kernel rope.
 *
 * @throws `bad-argument` as {@link ropeTable}, and for tables too long for f32.
 */
export function xposTables(options: XposOptions): {
  readonly q: Float32Array<ArrayBuffer>;
  readonly k: Float32Array<ArrayBuffer>;
} {
  checkOptions('xposTables', options, {
    ...ropeTableKinds,
    scaleBase: optional(finiteNumber),
    gamma: optional(finiteNumber),
  });
  const { scaleBase = 512, gamma = 0.4, ...turns } = options;
  const table = ropeTable(turns);
  const { positions, headSize, rotary = headSize } = turns;
  const middle = positions / 2;
  const decay = (pair: number): number => ((2 * pair) / rotary + gamma) / (1 + gamma);
  const most = decay(0) ** (-middle / scaleBase);
  if (!(most < 2 ** 60))
    throw new TilewrightError('bad-argument', {
      subject: 'xposTables',
      problem: `${positions} positions with a scale base of ${scaleBase} grow to ${most.toPrecision(3)}`,
      requirement: 'factors must stay below 2^60, so that products fit in f32',
      fix: 'attend in blocks with tables of their own, as the paper does, or raise scaleBase',
    });
  const scaled = (sign: 1 | -1): Float32Array<ArrayBuffer> =>
    table.map((value, i) => {
      const [row, pair] = [Math.floor(i / rotary), (i % rotary) >> 1];
      return value * decay(pair) ** ((sign * (row - middle)) / scaleBase);
    });
  return { q: scaled(1), k: scaled(-1) };
}
