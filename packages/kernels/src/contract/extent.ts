/**
 * An integer that may depend on axes whose size is known only when a step is encoded: workgroup counts, scratch
 * sizes, loop bounds. Plain data, so a Program can be hashed, stored and printed.
 */
export type Extent = number | string | readonly [ExtentOperator, Extent, Extent];

export type ExtentOperator = '+' | '-' | '*' | 'ceil/' | 'floor/' | 'min' | 'max';

export type Sizes = Readonly<Record<string, number>>;

const operators: Readonly<Record<ExtentOperator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  'ceil/': (a, b) => Math.ceil(a / b),
  'floor/': (a, b) => Math.floor(a / b),
  min: Math.min,
  max: Math.max,
};

/** Builds an extent, folding constants. */
export function extent(operator: ExtentOperator, a: Extent, b: Extent): Extent {
  if (typeof a === 'number' && typeof b === 'number') return operators[operator](a, b);
  return [operator, a, b];
}

export const times = (a: Extent, b: Extent): Extent => extent('*', a, b);
export const plus = (a: Extent, b: Extent): Extent => extent('+', a, b);
export const ceilDiv = (a: Extent, b: Extent): Extent => extent('ceil/', a, b);

/** The value of `e` under `sizes`; throws a plain `RangeError` for a name that has no size. */
export function evaluate(e: Extent, sizes: Sizes): number {
  if (typeof e === 'number') return e;
  if (typeof e === 'string') {
    const size = sizes[e];
    if (size === undefined) throw new RangeError(`no size given for axis '${e}'`);
    return size;
  }
  return operators[e[0]](evaluate(e[1], sizes), evaluate(e[2], sizes));
}

/** `⌈a / b⌉ · b` for plain numbers. */
export const roundUp = (a: number, b: number): number => Math.ceil(a / b) * b;
