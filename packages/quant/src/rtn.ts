import { floatMatrix, type Recipe } from '@tilewright/compression';
import { fitGrid, largestWeight, nearestCode } from './grid.ts';
import {
  checkTarget,
  emptyParts,
  integerLayout,
  integerName,
  packLike,
  type IntegerConfig,
} from './integer-config.ts';

/**
 * Round to nearest: each group of columns of a row gets a scale, each weight the nearest code. Needs no statistics.
 * N:M sparse weights stay sparse. The scale is `extreme` unless told.
 * Throws `bad-argument` for an option out of range.
 */
export function rtn(config: IntegerConfig = {}): Recipe {
  const layout = integerLayout('rtn', config);
  const name = `${integerName(layout)}-rtn`;
  const gridConfig = { ...layout, scale: config.scale ?? 'extreme' };
  const topCode = 2 ** layout.bits - 1;
  return {
    name,
    needs: 'none',
    compress: (input) => {
      checkTarget(input, layout);
      const { rows, columns, values } = floatMatrix(name, input, largestWeight(layout.bits));
      const numbers = Float64Array.from(values);
      const parts = emptyParts(rows, columns, layout);
      let group = 0;
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c += layout.group) {
          const start = r * columns + c;
          const count = Math.min(layout.group, columns - c);
          const grid = fitGrid(numbers, start, count, gridConfig);
          parts.scales[group] = grid.scale;
          if (parts.zeroPoints !== undefined) parts.zeroPoints[group] = grid.zero;
          for (let i = start; i < start + count; i++)
            parts.codes[i] = nearestCode(numbers[i]!, grid, topCode);
          group++;
        }
      }
      return packLike(input.tensor, parts, layout);
    },
  };
}
