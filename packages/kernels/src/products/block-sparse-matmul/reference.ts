import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';
import type { EpilogueReference, LoadAReference, ObserveAReference } from '../fillings/slots.ts';
import { rowFactors } from '../fillings/row-factors.ts';
import { scaleRows, slotArguments } from '../reference.ts';

/** epilogue(factor · (a · bᵀ)) over what b holds: a zero stands for what is not stored, and multiplies nothing. */
export const blockSparseReference: Oracle = (input) => {
  const { axes, inputs, slots, round } = input;
  const { batch, m, n, k } = axes as { batch: number; m: number; n: number; k: number };
  const rows = batch * m;
  const [load, observe, epilogue] = [slots.load_a, slots.observe_a, slots.epilogue] as [
    LoadAReference,
    ObserveAReference,
    EpilogueReference,
  ];
  const a = load({ ...slotArguments('load_a', inputs, input), rows, columns: k, a: inputs.a! });
  const state = { ...slotArguments('observe_a', inputs, input), rows, columns: k, a: inputs.a! };
  const y = new Float64Array(rows * n);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < n; column++) {
      const terms: number[] = [];
      for (let i = 0; i < k; i++) {
        const weight = inputs.b![column * k + i]!;
        if (weight !== 0) terms.push(round(a[row * k + i]! * weight));
      }
      y[row * n + column] = pairwiseSum(Float64Array.from(terms), round);
    }
  const scaled = scaleRows(y, rowFactors(observe, state), n, round);
  return epilogue({ ...slotArguments('epilogue', inputs, input), rows, columns: n, y: scaled });
};
