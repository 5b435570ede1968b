import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';
import type { EpilogueReference } from '../fillings/slots.ts';
import { slotArguments } from '../reference.ts';

export const groupRmsNormReference: Oracle = (input) => {
  const { axes, scalars, options, inputs, slots, round } = input;
  const { batch, m, length, columns } = axes as Record<'batch' | 'm' | 'length' | 'columns', number>;
  const y = new Float64Array(batch * m * columns);
  for (let start = 0; start < y.length; start += length) {
    const values = inputs.x!.subarray(start, start + length);
    const squares = values.map((value) => round(value * value));
    const scale = round(1 / Math.sqrt(round(pairwiseSum(squares, round) / length) + scalars.eps!));
    values.forEach((value, i) => {
      y[start + i] = round(round(value * scale) * (options.gain ? inputs.weight![i]! : 1));
    });
  }
  const epilogue = slots.epilogue as EpilogueReference;
  return epilogue({ ...slotArguments('epilogue', inputs, input), rows: batch * m, columns, y });
};
