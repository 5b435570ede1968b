// Where the elements of a, b and y lie in memory, and what is wrong where they cannot lie so.
import { demandObject } from '../../contract/check-options.ts';
import type { OptionValue, Problem } from '../../contract/contract.ts';
import { checkDigits, type Digit, digitsAddress, readDigits } from '../../memory/digits.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Sizes } from '../../contract/extent.ts';

/** The index spaces of a product: batch, row of y, column of y, and what is summed over. */
export type Letter = 'b' | 'm' | 'n' | 'k';
export type ProductTensor = 'a' | 'b' | 'y';
export type Order = readonly Digit<Letter>[];

export const letters: Readonly<Record<ProductTensor, readonly Letter[]>> = {
  a: ['b', 'm', 'k'],
  b: ['b', 'k', 'n'],
  y: ['b', 'm', 'n'],
};

/** Sizes of the index spaces. */
export interface ProductSizes extends Sizes {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

type Options = Readonly<Record<string, OptionValue>>;

const subject = 'batched-matmul';

export const spaces = ({ batch, m, n, k }: ProductSizes): Readonly<Record<Letter, number>> => ({
  b: batch,
  m,
  n,
  k,
});

/** The order of one tensor, digits innermost first, `transpose_a` and `transpose_b` applied. Throws `bad-argument`. */
export function productOrder(tensor: ProductTensor, options: Options): Order {
  const own = letters[tensor];
  const option = `${tensor}_strides`;
  const pattern = String(options[option] ?? own.join(''));
  const fail = (problem: string): never => {
    throw new TilewrightError('bad-argument', {
      subject,
      problem: `option '${option}' is '${pattern}': ${problem}`,
      requirement:
        `it lists ${own.join(', ')} from outermost to innermost: split ones as 'b b:8', repeated ones as '(b:8)', ` +
        "part of a longer row as 'k+3/17', slices as '1/3'",
      fix: `write '${own.join('')}', or digits separated by spaces`,
    });
  };
  const words = pattern.includes(' ') ? pattern.trim().split(/\s+/) : [...pattern];
  const digits = readDigits(words, own, fail);
  for (const letter of own)
    if (tensor === 'y' && !digits.some(({ axis, repeated }) => axis === letter && !repeated))
      fail(`there is no ${letter}, so elements of y would overlap`);
  if (tensor === 'y' && digits.some(({ repeated }) => repeated)) fail('elements of y would overlap');
  if (options[`transpose_${tensor}`] !== true) return digits;
  const other: Partial<Record<Letter, Letter>> = { [own[1]!]: own[2]!, [own[2]!]: own[1]! };
  return digits.map((digit) => (digit.axis ? { ...digit, axis: other[digit.axis] ?? digit.axis } : digit));
}

/** The address of an element, by its place along the three axes of its tensor. */
export const elementAddress = (
  tensor: ProductTensor,
  options: Options,
  sizes: ProductSizes,
): ((batch: number, row: number, column: number) => number) => {
  const order = productOrder(tensor, options);
  const [, second, third] = letters[tensor];
  return (batch, row, column) => {
    const index = { b: batch, m: 0, n: 0, k: 0 };
    index[second!] = row;
    index[third!] = column;
    return digitsAddress(order, spaces(sizes), index);
  };
};

/** How many elements of memory an order reaches over. Throws `bad-shape` where sizes and digits do not fit. */
function reach(tensor: ProductTensor, options: Options, sizes: ProductSizes): number {
  const order = productOrder(tensor, options);
  const space = spaces(sizes);
  const option = `${tensor}_strides`;
  checkDigits(subject, option, String(options[option] ?? letters[tensor].join('')), order, space);
  const last = digitsAddress(order, space, {
    b: space.b - 1,
    m: space.m - 1,
    n: space.n - 1,
    k: space.k - 1,
  });
  return last + 1;
}

/**
 * All axes of `batchedMatmul` from the sizes of a product: `a_size`, `b_size` and `y_size` are the fewest elements that hold
 * what the orders in `options` reach. For a view of a larger tensor give the larger size instead.
 *
 * @throws `bad-argument` for a pattern that says nothing; `bad-shape` for one that does not fit the sizes.
 */
export function batchedMatmulAxes(
  sizes: ProductSizes,
  options: Options = {},
): ProductSizes & Readonly<Record<'a_size' | 'b_size' | 'y_size', number>> {
  demandObject('batchedMatmulAxes', 'sizes', sizes);
  for (const [axis, size] of Object.entries(sizes))
    if (!Number.isSafeInteger(size) || size < 1)
      throw new TilewrightError('bad-shape', {
        subject,
        problem: `${axis} is ${size}`,
        requirement: 'the sizes of a product are positive integers',
        fix: `give ${axis} such a size`,
      });
  return {
    ...sizes,
    a_size: reach('a', options, sizes),
    b_size: reach('b', options, sizes),
    y_size: reach('y', options, sizes),
  };
}

export function validateProduct({ axes, options }: Problem): void {
  const least = batchedMatmulAxes(axes as ProductSizes, options);
  for (const name of ['a', 'b', 'y'] as const) {
    const has = axes[`${name}_size`]!;
    const needs = least[`${name}_size`]!;
    if (has >= needs) continue;
    throw new TilewrightError('bad-shape', {
      subject,
      problem: `'${name}' has ${has} elements`,
      requirement: `batch ${axes.batch}, m ${axes.m}, n ${axes.n} and k ${axes.k} reach element ${needs - 1} of it`,
      fix: `give a larger tensor, or other ${name}_strides`,
    });
  }
}
