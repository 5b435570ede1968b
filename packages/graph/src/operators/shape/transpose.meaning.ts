import type { OperatorMeaning } from '../meaning.ts';
import { transpose } from './transpose.ts';

export const transposeMeaning: OperatorMeaning = {
  operator: transpose,
  meaning: ({ attributes, value, shape }) => {
    const [data, sizes, whole] = [value('data'), shape('data'), shape('transposed')];
    const perm = (attributes.perm as readonly number[] | null) ?? sizes.map((_, i) => i).toReversed();
    const strides = sizes.map((_, axis) =>
      sizes.slice(axis + 1).reduce((product, size) => product * size, 1),
    );
    const transposed = data.map((_, i) => {
      let [rest, at] = [i, 0];
      for (let axis = whole.length - 1; axis >= 0; axis--) {
        at += (rest % whole[axis]!) * strides[perm[axis]!]!;
        rest = Math.floor(rest / whole[axis]!);
      }
      return data[at]!;
    });
    return { transposed };
  },
};
