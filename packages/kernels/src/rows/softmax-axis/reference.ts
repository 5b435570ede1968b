import type { Oracle } from '../../contract/check.ts';
import { softmaxReference } from '../softmax/reference.ts';

/** Each line along the axis as a row of `softmax`. */
export const softmaxAxisReference: Oracle = (input) => {
  const { outer, length, inner } = input.axes as { outer: number; length: number; inner: number };
  const y = new Float64Array(outer * length * inner);
  for (let line = 0; line < outer * inner; line++) {
    const place = (i: number): number => (Math.floor(line / inner) * length + i) * inner + (line % inner);
    const x = Float64Array.from({ length }, (_, i) => input.inputs.x![place(i)]!);
    const row = softmaxReference({
      ...input,
      axes: { rows: 1, columns: length },
      scalars: { scale: 1 },
      inputs: { x },
    });
    row.y!.forEach((value, i) => (y[place(i)] = value));
  }
  return { y };
};
