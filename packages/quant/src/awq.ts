import {
  compose,
  floatMatrix,
  type GramStatistics,
  gramStatistic,
  outputEnergy,
  perWeight,
  type Recipe,
  type RecipePart,
  requiredGram,
  type ScaleSite,
  valueOf,
  type WeightChange,
  withoutLostRows,
} from '@tilewright/compression';
import { quantizerFor, roundWeight, storedLike, unpack } from '@tilewright/kernels/weights';
import { denseDType } from '@tilewright/kernels/weights/dense';
import { type AnyQuantizer, checkQuantizer } from './check-quantizer.ts';
import { searchedQuantizer } from './clipped.ts';
import { moveScales } from './move-scales.ts';
import { targetFormat } from './target-format.ts';

/** How finely the exponent is searched, from 0 (no scales) to 1. */
const steps = 20;
/** Rows of a weight that the search looks at, evenly spread. */
const sampledRows = 512;

/**
 * AWQ: scales of columns that protect what active inputs meet, then rounding with clipped grids. See {@link awqScales}; what
 * is clipped is searched by span, the error of each column counted by the activity of its input.
 * Works with any format. Throws `bad-argument` for what is no quantizer.
 *
 * Source: Lin, Tang, Tang, Yang, Dang and Han, AWQ (2023).
 */
export function awq<Grid>(quantizer: AnyQuantizer<Grid>): Recipe {
  checkQuantizer('awq', quantizer);
  const name = `${quantizer.name}-awq`;
  const clipped = searchedQuantizer(quantizer);
  const rounding = perWeight(name, [gramStatistic], (input) => {
    const target = targetFormat(input, quantizer);
    const { values, columns } = floatMatrix(name, input, quantizer.limit);
    const costs = activities(requiredGram(name, input));
    const own = quantizerFor(clipped, [values], columns);
    const rounded = roundWeight(own, values, input.tensor.shape, costs);
    return withoutLostRows(name, input, values, storedLike(rounded, target, input.codecs));
  });
  return Object.freeze({ ...compose(awqScales(quantizer), rounding), name });
}

/**
 * The scales of AWQ alone, to be followed by what rounds: column `j` of the weights behind a norm is multiplied by
 * `s_j = ‖x_j‖^α`, normalised, and the norm divided by it, so the model computes what it did; of 20 exponents the one is
 * taken with the least error of the outputs once the weights are rounded. Layers without such a norm stay as they are.
 */
export function awqScales<Grid>(quantizer: AnyQuantizer<Grid>): Recipe {
  checkQuantizer('awqScales', quantizer);
  return Object.freeze({
    name: 'awq-scales',
    stages: [
      {
        statistics: [gramStatistic],
        changesInputs: true,
        rewrite: (part) => part.sites.flatMap((site) => scaleSite(quantizer, part, site)),
      },
    ],
  } satisfies Recipe);
}

function scaleSite<Grid>(quantizer: AnyQuantizer<Grid>, part: RecipePart, site: ScaleSite): WeightChange[] {
  const { state, codecs } = part;
  const statistics = valueOf(part.statistics(site.weights[0]!), gramStatistic);
  const tensors = site.weights.map((name) => state.get(name)!);
  // A scale per column cannot go into weights that share scales by group, nor a site of other parts.
  if (!statistics || !tensors.every(({ format }) => denseDType(format) !== undefined)) return [];
  const activity = activities(statistics);
  const matrices = tensors.map((tensor) => sampleRows(unpack(tensor, codecs), statistics.columns));
  let [best, least] = [undefined as Float64Array | undefined, Infinity];
  for (let step = 0; step < steps; step++) {
    const scales = scalesOf(activity, step / steps);
    const error = matrices.reduce(
      (sum, matrix) => sum + roundingError(quantizer, matrix, scales, statistics),
      0,
    );
    if (error < least) [best, least] = [step === 0 ? undefined : scales, error];
  }
  return best === undefined ? [] : moveScales(part, site, best);
}

/** The mean square of each input, 1 for all where none was ever active. */
function activities({ gram, columns }: GramStatistics): Float64Array {
  const energies = Float64Array.from({ length: columns }, (_, c) => gram[c * columns + c]!);
  return energies.some((energy) => energy > 0) ? energies : energies.fill(1);
}

/** Of sizes `√energy`, to a power, around 1; an input that was never active counts as the least active one. */
function scalesOf(energies: Float64Array, exponent: number): Float64Array {
  const least = energies.reduce((low, energy) => (energy > 0 ? Math.min(low, energy) : low), Infinity);
  const scales = energies.map((energy) => Math.sqrt(Math.max(energy, least)) ** exponent);
  const middle = Math.sqrt(
    scales.reduce((a, b) => Math.max(a, b), 0) * scales.reduce((a, b) => Math.min(a, b), Infinity),
  );
  return scales.map((scale) => scale / middle);
}

function sampleRows(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  if (rows <= sampledRows) return values;
  const sample = new Float32Array(sampledRows * columns);
  for (let i = 0; i < sampledRows; i++) {
    const start = Math.floor((i * rows) / sampledRows) * columns;
    sample.set(values.subarray(start, start + columns), i * columns);
  }
  return sample;
}

/** The squared error of the outputs once `values · s` is rounded. */
function roundingError<Grid>(
  rounding: AnyQuantizer<Grid>,
  values: Float32Array,
  scales: Float64Array,
  statistics: GramStatistics,
): number {
  const { columns } = statistics;
  const error = new Float64Array(values.length);
  const scaled = Float64Array.from(values, (value, i) => value * scales[i % columns]!);
  const quantizer = quantizerFor(rounding, [scaled], columns);
  const { span, lanes } = quantizer;
  for (let row = 0; row < scaled.length; row += columns) {
    for (let c = 0; c < columns; c += span) {
      const end = Math.min(columns, c + span);
      const grid = quantizer.fit(scaled, row + c, end - c);
      for (let i = c; i < end; i += lanes) {
        const count = Math.min(lanes, end - i);
        const code = quantizer.nearest(grid, scaled, row + i, count);
        for (let lane = 0; lane < count; lane++)
          error[row + i + lane] =
            values[row + i + lane]! - quantizer.value(grid, code, lane) / scales[i + lane]!;
      }
    }
  }
  return outputEnergy(error, statistics);
}
