// Tokens that lie on a grid of one, two or three dimensions: times, rows, columns. Kernels take its sizes as options.
import { fittedOrder } from '../memory/fitted-order.ts';
import { type MemoryOrder, rowAddress, rowAddressWgsl } from '../memory/memory-order.ts';
import type { Capabilities } from '../contract/capabilities.ts';
import type { OptionValue, PlanChoice, Problem } from '../contract/contract.ts';
import { TilewrightError } from '../contract/errors.ts';

/** Numbers of an option, one for each axis of a grid, outermost first: '8x14x14'. Throws `bad-argument`. */
export function axisNumbers(
  kernel: string,
  option: string,
  value: OptionValue,
  least = 1,
): readonly number[] {
  const text = String(value);
  const numbers = text.split('x').map(Number);
  if (/^\d+(x\d+){0,2}$/.test(text) && numbers.every((each) => each >= least && each < 2 ** 24))
    return numbers;
  throw new TilewrightError('bad-argument', {
    subject: kernel,
    problem: `option '${option}' is '${text}'`,
    requirement: `it gives one to three numbers from ${least} up to 16777215, outermost axis first, such as '8x14x14'`,
    fix: `give ${option} such numbers`,
  });
}

/** The same where one number may stand for all axes of the grid. */
export function numbersPerAxis(
  kernel: string,
  option: string,
  value: OptionValue,
  grid: readonly number[],
  least = 1,
): readonly number[] {
  const numbers = axisNumbers(kernel, option, value, least);
  if (numbers.length === grid.length) return numbers;
  if (numbers.length === 1) return grid.map(() => numbers[0]!);
  throw new TilewrightError('bad-argument', {
    subject: kernel,
    problem: `option '${option}' is '${String(value)}', and the grid '${grid.join('x')}'`,
    requirement: 'there is a number for each axis of the grid, or one for all',
    fix: `give ${option} ${grid.length} numbers, or one`,
  });
}

export const productOf = (numbers: readonly number[]): number => numbers.reduce((all, each) => all * each, 1);

/** The sizes of a grid of `tokens` tokens. Throws `bad-argument`, and `bad-shape` where it has another number of places. */
export function gridSizes(
  kernel: string,
  { options }: Pick<Problem, 'options'>,
  tokens: number,
): readonly number[] {
  const grid = axisNumbers(kernel, 'grid', options.grid!);
  if (productOf(grid) === tokens) return grid;
  throw new TilewrightError('bad-shape', {
    subject: kernel,
    problem: `a grid of ${grid.join(' x ')} has ${productOf(grid)} places, and there are ${tokens} tokens`,
    requirement: 'every token has a place of its own',
    fix: "correct the option 'grid', or the tensor",
  });
}

/** Rows of a tensor `[batch, tokens, heads, head_size]` in an order of memory. */
export interface GridRows {
  readonly order: MemoryOrder;
  readonly sizes: { readonly b: number; readonly s: number; readonly h: number; readonly d: number };
}

/** The order of x or y, as its option names it. Throws `bad-argument`, and `bad-shape` where digits do not divide an axis. */
export function gridRows(
  kernel: string,
  tensor: 'x' | 'y',
  problem: Pick<Problem, 'axes' | 'options'>,
  tokens: number,
): GridRows {
  const { axes } = problem;
  const sizes = { b: axes.batch!, s: tokens, h: axes.heads!, d: axes.head_size! };
  return { order: fittedOrder(kernel, `${tensor}_strides`, problem, tensor === 'y', sizes), sizes };
}

/** Element index of a row's first channel. */
export const gridAddress = ({
  order,
  sizes,
}: GridRows): ((batch: number, head: number, token: number) => number) => rowAddress(order, sizes);

/** `fn <name>(batch, head, index) -> u32`: a row's first unit of `width` channels; `tokens` is how many there are, in WGSL. */
export const gridAddressWgsl = (
  name: string,
  { order, sizes: { s, h, d } }: GridRows,
  width: number,
  tokens: string = `${s}u`,
): string => rowAddressWgsl(name, order, { b: 'params.batch', s: tokens, h: `${h}u`, d: d / width });

/**
 * Units of channels that an invocation takes: on CPUs all, up to 8, which share what is computed once a row; on GPUs one,
 * so that neighbours read neighbours.
 */
export const unitPlans = (units: number, { software }: Capabilities): readonly PlanChoice[] =>
  [...new Set(software ? [Math.min(units, 8), 1] : [1, Math.min(units, 4)])].map((each) => ({
    units: each,
  }));

/** The last three axes of a grid as a vector of WGSL; axes that it does not have get `missing`. */
export const gridVector = (type: 'u32' | 'i32', numbers: readonly number[], missing: number): string =>
  `vec3<${type}>(${[...Array<number>(3 - numbers.length).fill(missing), ...numbers].join(', ')})`;
