import { memoryOrder, rowAddress } from '../memory-order.ts';
import type { Oracle } from '../../contract/check.ts';

export const concatReference: Oracle = ({ axes, options, inputs }) => {
  const { batch, heads, first_rows, second_rows, rows, size } = axes as Record<string, number>;
  const { first, second } = inputs as { first: Float64Array; second: Float64Array };
  const order = memoryOrder('concat', 'second_order', String(options.second_order), false);
  const secondAt = rowAddress(order, { b: batch!, s: second_rows!, h: heads!, d: size! });
  const y = new Float64Array(batch! * heads! * rows! * size!);
  for (let b = 0; b < batch!; b++)
    for (let h = 0; h < heads!; h++)
      for (let row = 0; row < rows!; row++) {
        const [from, at] =
          row < first_rows!
            ? [first, ((b * heads! + h) * first_rows! + row) * size!]
            : [second, secondAt(b, h, row - first_rows!)];
        y.set(from.subarray(at, at + size!), ((b * heads! + h) * rows! + row) * size!);
      }
  return { y };
};
