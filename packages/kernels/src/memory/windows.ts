// Windows, axes and dilated sets of a grid of tokens as memory orders of the attention kernels: nothing is moved.
import { checkOptions, positiveInteger, trueOrFalse, listOf, optional } from '../contract/check-options.ts';
import { TilewrightError } from '../contract/errors.ts';

export interface WindowOptions {
  /** Sizes of the axes, outermost first: `[56, 56]`, `[8, 14, 14]`. */
  readonly grid: readonly number[];
  /** Tokens that attend to each other along each axis: `[7, 7]`; `[1, 56]` are rows, `[56, 1]` columns. */
  readonly window: readonly number[];
}

export interface WindowOrderOptions extends WindowOptions {
  /** Tokens that lie as far apart as there are windows along an axis, in place of neighbours. Default false. */
  readonly dilated?: boolean;
}

export interface WindowOrder {
  /** Options of the kernel, where q, k, v and y all lie on the grid. */
  readonly strides: Readonly<Record<'q_strides' | 'k_strides' | 'v_strides' | 'y_strides', string>>;
  /** Of one picture; the axis `batch` is pictures times this. */
  readonly windows: number;
  /** Of one window: the axes `queries` and `keys`. */
  readonly tokens: number;
}

/** How many windows lie along each axis. Throws `bad-argument` where they do not divide the grid. */
export function windowCounts(subject: string, { grid, window }: WindowOptions): readonly number[] {
  const fail = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', { subject, problem, requirement, fix });
  };
  if (grid.length === 0 || grid.length !== window.length)
    fail(
      `the grid has ${grid.length} axes, and the window ${window.length}`,
      'a window has a size along each axis of the grid',
      'give as many sizes',
    );
  return grid.map((size, axis) => {
    const each = window[axis]!;
    if (size % each !== 0)
      fail(
        `windows of ${each} do not divide axis ${axis} of the grid, which has ${size}`,
        'all windows are whole',
        'pad the grid, and mask what was added',
      );
    return size / each;
  });
}

/**
 * Memory orders with which attention runs within windows of a grid `[pictures, …grid, heads, channels]`, in place:
 *
 * - windows (Swin, Liu et al. 2021, arXiv 2103.14030): `{ grid: [56, 56], window: [7, 7] }`;
 * - rows and columns (axial attention, Ho et al. 2019, arXiv 1912.12180): `[1, 56]`, `[56, 1]`;
 * - time and space (divided space-time attention, Bertasius et al. 2021, arXiv 2102.05095): grid `[8, 14, 14]`, windows
 *   `[8, 1, 1]` and `[1, 14, 14]`;
 * - with `dilated`, tokens at equal distances over the whole grid (MaxViT's grid attention, Tu et al. 2022, arXiv 2204.01697).
 *
 * Windows count along the axes, outermost first, and so do the tokens of a window. For shifted windows `roll` the tokens and
 * add `shiftedWindowMask`. Throws `bad-argument` for windows that do not divide the grid.
 */
export function windowOrder(request: WindowOrderOptions): WindowOrder {
  checkOptions('windowOrder', request, {
    grid: listOf(positiveInteger),
    window: listOf(positiveInteger),
    dilated: optional(trueOrFalse),
  });
  const { dilated = false, ...options } = request;
  const { window } = options;
  const counts = windowCounts('windowOrder', options);
  const words = ['b'];
  let inside = false;
  const add = (axis: 'b' | 's', count: number): void => {
    if (count === 1) return;
    // The outermost digit of an axis takes what is left.
    words.push(axis === 's' && !inside ? 's' : `${axis}:${count}`);
    if (axis === 's') inside = true;
  };
  window.forEach((each, axis) => {
    if (dilated) add('s', each);
    add('b', counts[axis]!);
    if (!dilated) add('s', each);
  });
  if (!inside) words.push('s');
  const order = [...words, 'h', 'd'].join(' ');
  return {
    strides: { q_strides: order, k_strides: order, v_strides: order, y_strides: order },
    windows: counts.reduce((product, count) => product * count, 1),
    tokens: window.reduce((product, each) => product * each, 1),
  };
}
