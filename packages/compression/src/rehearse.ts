import { checkKinds } from '@tilewright/graph';
import { TilewrightError } from '@tilewright/kernels';
import {
  selectColumns,
  selectRows,
  type StateDict,
  type WeightCodec,
  type WeightFormat,
} from '@tilewright/kernels/weights';
import type { CompressibleModel } from './calibration.ts';
import { checkCompressionKinds } from './check-kinds.ts';
import { linearWeightsOf } from './driver.ts';
import { floatMatrix, rowRuns } from './float-matrix.ts';
import { missingWeight } from './missing-weight.ts';
import { type Recipe, rewritten } from './recipe.ts';
import type { StatisticValues } from './statistic.ts';

/** The part of a weight that a rehearsal works on. */
const [fewRows, fewColumns] = [4, 256];

/**
 * Finds out before hours of work what would stop a recipe: weights that are not finite, steps that do not compose, formats that no
 * kernel reads, rows shorter than a format's group. All numbers are looked at; the steps run on a corner of a weight of each
 * width, on made-up statistics.
 *
 * Throws what the recipe would throw, and `bad-format` for such formats.
 *
 * @returns the formats that the weights will have, by name.
 */
export function rehearse(
  model: CompressibleModel,
  state: StateDict,
  recipe: Recipe,
  codecs: readonly WeightCodec[],
): ReadonlyMap<string, WeightFormat> {
  const subject = 'rehearse';
  checkKinds(subject, { weights: state });
  checkCompressionKinds(subject, { model, recipe, codecs });
  const formats = new Map<string, WeightFormat>();
  const rehearsed = new Map<number, WeightFormat>();
  const names = linearWeightsOf(model);
  for (const name of names) {
    const tensor = state.get(name);
    if (!tensor) throw missingWeight(name);
    for (const range of [[0, 0] as const, ...rowRuns(tensor.shape)])
      floatMatrix(recipe.name, { name, tensor, codecs }, Infinity, range);
  }
  const changed = rewritten(recipe, model, state, codecs);
  for (const name of names) {
    const tensor = changed.get(name)!;
    const [rows, columns] = tensor.shape as [number, number];
    const known = rehearsed.get(columns);
    if (known) {
      formats.set(name, known);
      continue;
    }
    const width = Math.min(columns, fewColumns);
    let corner = selectColumns(selectRows(tensor, [[0, Math.min(rows, fewRows)]]), [[0, width]]);
    for (const { statistics, rewrite } of recipe.stages) {
      const values: StatisticValues = new Map(
        statistics.map(({ id, shape, finish }) => {
          const count = shape(width).reduce((product, size) => product * size, 1);
          return [
            id,
            finish(new Float32Array(count).fill(1), {
              columns: width,
              samples: 1,
            }),
          ];
        }),
      );
      const part = {
        state: new Map([[name, corner]]),
        weights: [name],
        sites: [],
        channels: () => [],
        codecs,
      };
      for (const [, changed] of rewrite({ ...part, statistics: () => values })) corner = changed;
    }
    checkReadable(recipe.name, name, corner.format, columns);
    rehearsed.set(columns, corner.format);
    formats.set(name, corner.format);
  }
  return formats;
}

function checkReadable(subject: string, name: string, format: WeightFormat, columns: number): void {
  // A format without a reader may bring kernels of its own.
  if (format.reader === undefined && !('kernels' in format))
    throw new TilewrightError('bad-format', {
      subject,
      problem: `'${name}' would be stored as ${format.name}`,
      requirement: 'no kernel multiplies by that format',
      fix: 'round to another one',
    });
  if (columns < format.columnBlock)
    throw new TilewrightError('bad-format', {
      subject,
      problem: `'${name}' has rows of ${columns}, and ${format.name} holds columns in groups of ${format.columnBlock}`,
      requirement: 'a group is not longer than a row',
      fix: 'round to a format with smaller groups',
    });
}
