import { checkOptions, positiveInteger, listOf, nonNegativeInteger } from '../../contract/check-options.ts';
import type { MaskReference } from '../slots.ts';
import { windowCounts, type WindowOptions } from '../../memory/windows.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Filling } from '../../contract/filling.ts';

export interface ShiftedWindowMaskOptions extends WindowOptions {
  /** Steps by which the tokens were rolled backwards along each axis, less than the window. */
  readonly shift: readonly number[];
}

/**
 * Slot `mask`: in windows of a grid that was rolled backwards by `shift`, tokens see those that were their neighbours before
 * (shifted windows; Swin, Liu et al. 2021, arXiv 2103.14030). The last windows along an axis hold tokens of both its ends,
 * which stay apart. Batch rows are windows as `windowOrder` counts them, or a copy of them in that order.
 *
 * @throws `bad-argument` for windows that do not divide the grid, or a shift that is no part of a window.
 */
export function shiftedWindowMask(options: ShiftedWindowMaskOptions): Filling<MaskReference> {
  checkOptions('shiftedWindowMask', options, {
    grid: listOf(positiveInteger),
    window: listOf(positiveInteger),
    shift: listOf(nonNegativeInteger),
  });
  const { window, shift } = options;
  const counts = windowCounts('shiftedWindowMask', options);
  if (
    shift.length !== window.length ||
    shift.some((each, axis) => !(Number.isInteger(each) && each >= 0 && each < window[axis]!))
  )
    throw new TilewrightError('bad-argument', {
      subject: 'shiftedWindowMask',
      problem: `windows of ${window.join(' x ')} are shifted by ${shift.join(', ')}`,
      requirement: 'a shift is a number of tokens along each axis, fewer than a window has',
      fix: 'shift by half a window',
    });
  const inner = (sizes: readonly number[], axis: number): number =>
    sizes.slice(axis + 1).reduce((product, size) => product * size, 1);
  /** Axes on which the last window holds both ends, and how to find a window and a token along them. */
  const axes = window.flatMap((size, axis) =>
    shift[axis] === 0
      ? []
      : [
          {
            count: counts[axis]!,
            windows: inner(counts, axis),
            size,
            tokens: inner(window, axis),
            edge: size - shift[axis]!,
          },
        ],
  );
  const last = axes.map(({ count, windows }) => `batch / ${windows}u % ${count}u == ${count - 1}u`);
  const behind = axes.map(({ size, tokens, edge }) => `index / ${tokens}u % ${size}u >= ${edge}u`);
  const regions = axes.map((_, i) => `select(0u, ${2 ** i}u, ${last[i]} && ${behind[i]})`);
  return {
    id: `shifted-window-${[options.grid, window, shift].map((each) => each.join('x')).join('-')}`,
    wgsl: (
      slot,
    ) => `fn ${slot}_region(batch: u32, index: u32) -> u32 { return ${['0u', ...regions].join(' | ')}; }
fn ${slot}(s: f32, pair: Pair) -> f32 {
  return select(MASKED, s, ${slot}_region(pair.batch, pair.query) == ${slot}_region(pair.batch, pair.key));
}
fn ${slot}_tile(tile: Tile) -> u32 {
  let batch = tile.batch;
  return select(2u, 1u, ${['false', ...last].join(' || ')});
}`,
    reference: (score, { batch, query, key }) =>
      axes.every(
        ({ count, windows, size, tokens, edge }) =>
          Math.floor(batch / windows) % count !== count - 1 ||
          Math.floor(query / tokens) % size >= edge === Math.floor(key / tokens) % size >= edge,
      )
        ? score
        : -Infinity,
  };
}
