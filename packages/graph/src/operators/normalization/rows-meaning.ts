import type { MeaningContext } from '../meaning.ts';

interface Rows {
  readonly x: Float64Array;
  /** Elements of a row: of the axes from `axis` on. */
  readonly columns: number;
  /** An input that broadcasts to x, spread to an element for each of x; `otherwise` where it is absent. */
  readonly spread: (role: string, otherwise: number) => Float64Array;
}

/** The rows that a norm works on. For meanings. */
export function normRows({ attributes, has, value, shape }: MeaningContext): Rows {
  const [x, sizes] = [value('X'), shape('X')];
  const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
  const columns = sizes.slice(axis).reduce((product, size) => product * size, 1);
  return {
    x,
    columns,
    spread: (role, otherwise) => {
      if (!has(role)) return new Float64Array(x.length).fill(otherwise);
      const [data, own] = [value(role), shape(role)];
      return Float64Array.from({ length: x.length }, (_, i) => {
        let [rest, at, stride] = [i, 0, 1];
        for (let back = 1; back <= own.length; back++) {
          const [size, length] = [sizes.at(-back)!, own.at(-back)!];
          if (length !== 1) at += (rest % size) * stride;
          stride *= length;
          rest = Math.floor(rest / size);
        }
        return data[at]!;
      });
    },
  };
}
