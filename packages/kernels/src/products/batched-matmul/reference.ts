import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';
import type { EpilogueReference, LoadAReference } from '../fillings/slots.ts';
import { slotArguments } from '../reference.ts';
import { elementAddress, type ProductSizes } from './orders.ts';

/** epilogue(alpha · a · b), each sum pairwise; what y's order leaves out stays NaN, which nothing may compare with. */
export const batchedMatmulReference: Oracle = (input) => {
  const { inputs, options, scalars, slots, round } = input;
  const sizes = input.axes as ProductSizes;
  const { batch, m, n, k } = sizes;
  const rows = batch * m;
  const at = elementAddress('a', options, sizes);
  const bt = elementAddress('b', options, sizes);
  const a = Float64Array.from({ length: rows * k }, (_, i) => {
    const row = Math.floor(i / k);
    return inputs.a![at(Math.floor(row / m), row % m, i % k)]!;
  });
  // Columns of b as rows of k.
  const b = Float64Array.from({ length: batch * n * k }, (_, i) => {
    const column = Math.floor(i / k);
    return inputs.b![bt(Math.floor(column / n), i % k, column % n)]!;
  });
  const load = (slot: 'load_a' | 'load_b', values: Float64Array, count: number): Float64Array =>
    (slots[slot] as LoadAReference)({
      ...slotArguments(slot, inputs, input),
      rows: count,
      columns: k,
      a: values,
    });
  const loadedA = load('load_a', a, rows);
  const loadedB = load('load_b', b, batch * n);
  const product = Float64Array.from({ length: rows * n }, (_, i) => {
    const [row, column] = [Math.floor(i / n), Math.floor(i / n / m) * n + (i % n)];
    const terms = Float64Array.from({ length: k }, (_unused, j) =>
      round(loadedA[row * k + j]! * loadedB[column * k + j]!),
    );
    return round(pairwiseSum(terms, round) * Math.fround(scalars.alpha!));
  });
  const epilogue = slots.epilogue as EpilogueReference;
  const outputs = epilogue({
    ...slotArguments('epilogue', inputs, input),
    rows,
    columns: n,
    y: product,
  });
  if (!outputs.y) return outputs;
  const place = elementAddress('y', options, sizes);
  const y = new Float64Array(input.axes.y_size!).fill(NaN);
  outputs.y.forEach((value, i) => {
    const row = Math.floor(i / n);
    y[place(Math.floor(row / m), row % m, i % n)] = value;
  });
  return { ...outputs, y };
};
