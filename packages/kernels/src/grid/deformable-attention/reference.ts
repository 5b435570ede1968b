import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';
import { cornersOf } from '../sample-grid/reference.ts';
import { softmaxReference } from '../../rows/softmax/reference.ts';
import { levelsOf } from './levels.ts';

export const deformableAttentionReference: Oracle = (input) => {
  const { axes, options, inputs, round } = input;
  const { batch, tokens, queries, heads, head_size, points } = axes as Record<string, number>;
  const levelOfPoint = levelsOf(input).flatMap((level) => Array.from({ length: level.points }, () => level));
  const y = new Float64Array(batch! * queries! * heads! * head_size!);
  for (let row = 0; row < batch! * queries! * heads!; row++) {
    const [b, h] = [Math.floor(row / heads! / queries!), row % heads!];
    const given = inputs.weights!.slice(row * points!, (row + 1) * points!);
    const weights =
      options.weights === 'normalised'
        ? given
        : softmaxReference({
            ...input,
            axes: { rows: 1, columns: points! },
            scalars: { scale: 1 },
            options: { log: false },
            inputs: { x: given },
          }).y!;
    const corners = levelOfPoint.flatMap(({ height, width, start }, p) => {
      const [x, across] = [
        inputs.locations![2 * (row * points! + p)]!,
        inputs.locations![2 * (row * points! + p) + 1]!,
      ];
      const discrete = options.sampling === 'discrete';
      // The middle of the first pixel is at 0.5.
      const shift = (value: number): number => (discrete ? Math.floor(value) : round(value - 0.5));
      const place = [shift(round(across * height)), shift(round(x * width))];
      return cornersOf([height, width], place, discrete, round).map(({ token, weight }) => ({
        token: start + token,
        weight: round(weights[p]! * weight),
      }));
    });
    for (let d = 0; d < head_size!; d++)
      y[row * head_size! + d] = pairwiseSum(
        corners.map(({ token, weight }) =>
          round(weight * inputs.value![((b * tokens! + token) * heads! + h) * head_size! + d]!),
        ),
        round,
      );
  }
  return { y };
};
