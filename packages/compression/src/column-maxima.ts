import { columnMaxima } from '@tilewright/graph/operators/column-maxima';
import type { Statistic } from './statistic.ts';

/** `max |X|` of each column of a layer's inputs, `[columns]`: what SmoothQuant goes by. */
export const columnMaximaStatistic: Statistic<Float32Array> = {
  id: 'column-maxima',
  summary: "the largest magnitudes of the layer's inputs",
  tap: columnMaxima,
  shape: (columns) => [columns],
  finish: (maxima) => maxima,
};
