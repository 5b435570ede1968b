import { quantizedPlane } from '@tilewright/kernels/cache';
import { dequantizedRow } from '@tilewright/kernels/fillings';
import type { OperatorMeaning } from '../meaning.ts';
import { planeOf } from './quantized-attributes.ts';
import { quantizedRows } from './quantized-rows.ts';

export const quantizedRowsMeaning: OperatorMeaning = {
  operator: quantizedRows,
  meaning: ({ attributes, value, shape }) => {
    const [, heads, capacity, size] = shape('rows') as [number, number, number, number];
    const cache = planeOf(attributes as Record<'bits' | 'channels' | 'capacity', number>, size);
    const { planeWords } = quantizedPlane(cache);
    const rows = new Float64Array(heads * capacity * size);
    for (let head = 0; head < heads; head++) {
      const words = value('section').subarray(head * planeWords, (head + 1) * planeWords);
      for (let row = 0; row < capacity; row++)
        rows.set(dequantizedRow(words, row, cache), (head * capacity + row) * size);
    }
    return { rows };
  },
};
