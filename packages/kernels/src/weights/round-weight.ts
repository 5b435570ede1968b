import { checkHost } from './check-host.ts';
import type { Quantizer } from '../contract/quantizer.ts';
import type { HostTensor } from '../contract/weight-format.ts';

/**
 * Round to nearest: a grid for each span of columns of a row, for each run of lanes the nearest code. `costs`: what the squared
 * error of each column counts where grids are searched.
 */
export function roundWeight<Grid>(
  quantizer: Quantizer<Grid>,
  values: ArrayLike<number>,
  shape: readonly number[],
  costs?: Float64Array,
): HostTensor {
  checkHost('roundWeight', { quantizer, values, shape });
  const { span, lanes } = quantizer;
  const [rows, columns] = shape as [number, number];
  const numbers = Float64Array.from(values);
  const codesPerRow = Math.ceil(columns / lanes);
  const codes = new Uint16Array(rows * codesPerRow);
  const grids: Grid[] = [];
  for (let r = 0; r < rows; r++) {
    const row = r * columns;
    for (let c = 0; c < columns; c += span) {
      const end = Math.min(columns, c + span);
      const grid = quantizer.fit(numbers, row + c, end - c, costs?.subarray(c, end));
      grids.push(grid);
      for (let i = c; i < end; i += lanes) {
        const code = quantizer.nearest(grid, numbers, row + i, Math.min(lanes, end - i));
        codes[r * codesPerRow + i / lanes] = code;
      }
    }
  }
  return quantizer.pack(codes, grids, shape);
}
