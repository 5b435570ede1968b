import type { Operator } from '../../ir.ts';
import type { OperatorMeaning } from '../meaning.ts';

/** What softmax along an axis means; `finish` makes an element of x - max and of the sum of all such powers. */
export const alongAxis = (
  operator: Operator,
  finish: (shifted: number, sum: number) => number,
): OperatorMeaning => ({
  operator,
  meaning: ({ attributes, value, shape }) => {
    const [x, sizes] = [value('input'), shape('input')];
    const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
    const length = sizes[axis]!;
    const inner = sizes.slice(axis + 1).reduce((product, size) => product * size, 1);
    const output = new Float64Array(x.length);
    for (let start = 0; start < x.length; start += length * inner)
      for (let i = start; i < start + inner; i++) {
        const line = Float64Array.from({ length }, (_, j) => x[i + j * inner]!);
        const largest = Math.max(...line);
        const sum = line.reduce((total, each) => total + Math.exp(each - largest), 0);
        line.forEach((each, j) => (output[i + j * inner] = finish(each - largest, sum)));
      }
    return { output };
  },
});
