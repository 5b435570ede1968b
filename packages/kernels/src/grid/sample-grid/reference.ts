import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';
import { gridAddress, gridRows, gridSizes } from '../grid.ts';

/** A token near a place, and its share. */
export interface Corner {
  readonly token: number;
  readonly weight: number;
}

/**
 * The tokens around a place on a grid, with their shares; none for those outside. A coordinate c lies between ⌊c⌋, which has
 * the share ⌊c⌋ + 1 - c, and ⌊c⌋ + 1.
 */
export function cornersOf(
  grid: readonly number[],
  place: readonly number[],
  nearest: boolean,
  round: (value: number) => number,
): readonly Corner[] {
  if (!place.every(Number.isFinite)) return [];
  let corners: readonly Corner[] = [{ token: 0, weight: 1 }];
  grid.forEach((size, axis) => {
    const low = Math.floor(place[axis]!);
    const rest = round(place[axis]! - low);
    const along = nearest
      ? [[low + (rest >= 0.5 ? 1 : 0), 1] as const]
      : [[low, round(1 - rest)] as const, [low + 1, rest] as const];
    corners = corners.flatMap(({ token, weight }) =>
      along
        .filter(([at, share]) => at >= 0 && at < size && share !== 0)
        .map(([at, share]) => ({ token: token * size + at, weight: round(weight * share) })),
    );
  });
  return corners;
}

export const sampleGridReference: Oracle = (input) => {
  const { axes, options, inputs, round } = input;
  const { batch, tokens, samples, heads, head_size, coordinate_heads } = axes as Record<string, number>;
  const grid = gridSizes('sample-grid', input, tokens!);
  const xAt = gridAddress(gridRows('sample-grid', 'x', input, tokens!));
  const yAt = gridAddress(gridRows('sample-grid', 'y', input, samples!));
  const y = new Float64Array(batch! * samples! * heads! * head_size!);
  for (let b = 0; b < batch!; b++)
    for (let s = 0; s < samples!; s++)
      for (let h = 0; h < heads!; h++) {
        const row = (b * samples! + s) * coordinate_heads! + (coordinate_heads === 1 ? 0 : h);
        const place = [...inputs.coordinates!.subarray(row * grid.length, (row + 1) * grid.length)];
        const corners = cornersOf(grid, place, options.sampling === 'nearest', round);
        for (let d = 0; d < head_size!; d++)
          y[yAt(b, h, s) + d] = pairwiseSum(
            corners.map(({ token, weight }) => round(weight * inputs.x![xAt(b, h, token) + d]!)),
            round,
          );
      }
  return { y };
};
