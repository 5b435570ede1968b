import {
  checkOption,
  columnMaximaStatistic,
  type Recipe,
  type RecipePart,
  type ScaleSite,
  valueOf,
  type WeightChange,
} from '@tilewright/compression';
import { checkOptions, TilewrightError } from '@tilewright/kernels';
import { unpack } from '@tilewright/kernels/weights';
import { denseDType } from '@tilewright/kernels/weights/dense';
import { moveScales } from './move-scales.ts';

/** What `smoothQuant` may be told; every member has a default. */
export interface SmoothQuantConfig {
  /** How much of a column's size moves from the inputs to the weights, from 0 to 1; default 0.5. */
  readonly alpha?: number;
}

/**
 * SmoothQuant: makes the inputs of linear layers easier to round by making their weights harder. Column `j` of the inputs is
 * divided by `s_j = max|X_j|^α / max|W_j|^(1-α)` and the same column of every weight behind multiplied by it, so the model
 * computes what it did; the division goes into the norm in front (its gain, and its bias where it has one). Layers without
 * such a norm stay as they are. Changes no format: compose it with what rounds.
 * Throws `bad-argument` for an option that is unknown or out of range, and where columns hold what is not finite.
 *
 * Source: Xiao, Lin, Seznec, Wu, Demouth and Han, SmoothQuant (2022), equations 3 and 4.
 */
export function smoothQuant(config: SmoothQuantConfig = {}): Recipe {
  checkOptions('smoothQuant', config, ['alpha']);
  const { alpha = 0.5 } = config;
  checkOption('smoothQuant', 'alpha', alpha, alpha >= 0 && alpha <= 1, 'a number from 0 to 1');
  const name = 'smoothquant';
  return Object.freeze({
    name,
    stages: [
      {
        statistics: [columnMaximaStatistic],
        changesInputs: true,
        rewrite: (part) => part.sites.flatMap((site) => smoothSite(name, part, site, alpha)),
      },
    ],
  } satisfies Recipe);
}

function smoothSite(name: string, part: RecipePart, site: ScaleSite, alpha: number): WeightChange[] {
  const { state, codecs } = part;
  const tensors = site.weights.map((weight) => [weight, state.get(weight)!] as const);
  const inputs = valueOf(part.statistics(site.weights[0]!), columnMaximaStatistic);
  // A scale per column cannot go into weights that share scales by group, nor a site of other parts.
  if (!inputs || !tensors.every(([, { format }]) => denseDType(format) !== undefined)) return [];
  const weightMaxima = new Float64Array(inputs.length);
  for (const [, tensor] of tensors)
    unpack(tensor, codecs).forEach((value, i) => {
      const column = i % inputs.length;
      weightMaxima[column] = Math.max(weightMaxima[column]!, Math.abs(value));
    });
  const scales = Float64Array.from(inputs, (largest, column) => {
    const scale = largest ** alpha / weightMaxima[column]! ** (1 - alpha);
    if (!Number.isFinite(largest) || !Number.isFinite(weightMaxima[column]!))
      throw new TilewrightError('bad-argument', {
        subject: name,
        problem: `column ${column} of the inputs of '${site.weights[0]}' reaches ${largest}, its weights ${weightMaxima[column]}`,
        requirement: 'inputs and weights are finite',
        fix: 'calibrate on other text, or look for the layer that overflows',
      });
    // A column that is never active, or whose weights are all zero, has nothing to move.
    return largest > 0 && weightMaxima[column]! > 0 ? scale : 1;
  });
  return moveScales(part, site, scales);
}
