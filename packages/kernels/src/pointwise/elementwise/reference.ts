import type { Oracle } from '../../contract/check.ts';
import type { ComputeReference } from './filling.ts';

export const elementwiseReference: Oracle = (input) => {
  const { rows, columns } = input.axes as { rows: number; columns: number };
  const { value, inPlace } = input.slots.compute as ComputeReference;
  const y = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      y[row * columns + column] = value('compute', input, row, column);
  return { [inPlace === undefined ? 'y' : `compute.${inPlace}`]: y };
};
