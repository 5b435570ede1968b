import {
  checkOptions,
  oneOf,
  positiveInteger,
  listOf,
  optional,
  anyValue,
} from '../../contract/check-options.ts';
import { noKey, type SelectFilling } from '../select.ts';
import { TilewrightError } from '../../contract/errors.ts';

export interface NeighbourhoodOptions {
  /** Sizes of the grid whose tokens lie in row-major order, outermost first; one, two or three axes. */
  readonly grid: readonly number[];
  /** Keys along each axis, or along all. */
  readonly kernel: number | readonly number[];
  /** Steps between neighbouring keys. Default 1. */
  readonly dilation?: number | readonly number[];
  /** Axes along which only keys up to the query are seen: the query's own is the last. Default none. */
  readonly causal?: boolean | readonly boolean[];
  /** At the edges, windows are `shifted` inwards and keep their size (default), or lose what lies outside (`masked`). */
  readonly edges?: 'shifted' | 'masked';
}

interface Neighbourhood extends SelectFilling {
  /** What to give as the axis `selected`: the keys of a window. */
  readonly selected: number;
}

interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly dilation: number;
  /** Keys of a window before the query, where nothing shifts it. */
  readonly before: number;
  readonly shifted: boolean;
}

/**
 * Slot `select`: the keys around a query on a grid (Neighborhood Attention, Hassani et al. 2023, arXiv 2204.07143; dilated,
 * Hassani & Shi 2022, arXiv 2209.15001; Hourglass Diffusion, Crowson et al. 2024). Along an axis of `size` tokens the queries and keys of equal
 * remainder by `dilation` are a group; the window is the `kernel` keys of the query's group from ⌊kernel / 2⌋ before it on,
 * moved inwards where it would leave the group, so that every query has as many keys. Causal axes look back
 * `kernel - 1` keys, fewer at the beginning. Queries and keys are the tokens of the grid.
 *
 * @throws `bad-argument` for sizes that are none, or where a window is larger than the grid.
 */
export function neighbourhood(options: NeighbourhoodOptions): Neighbourhood {
  checkOptions('neighbourhood', options, {
    grid: listOf(positiveInteger),
    kernel: anyValue,
    dilation: optional(anyValue),
    causal: optional(anyValue),
    edges: optional(oneOf('shifted', 'masked')),
  });
  const { grid, edges = 'shifted' } = options;
  const along = <Value>(name: string, value: Value | readonly Value[]): readonly Value[] => {
    const list: readonly Value[] = Array.isArray(value) ? value : grid.map(() => value as Value);
    if (list.length === grid.length && grid.length >= 1 && grid.length <= 3) return list;
    throw refusal(
      `${name} has ${list.length} sizes and the grid ${grid.length}`,
      'a grid has one to three axes, and everything else one value for each or one for all',
      `give as many`,
    );
  };
  const [kernel, dilation, causal] = [
    along('kernel', options.kernel),
    along('dilation', options.dilation ?? 1),
    along<boolean>('causal', options.causal ?? false),
  ];
  const axes = grid.map((size, i): Axis => {
    const [keys, step] = [kernel[i]!, dilation[i]!];
    if (![size, keys, step].every((each) => Number.isSafeInteger(each) && each > 0))
      throw refusal(
        `axis ${i} has ${size} tokens, kernel ${keys} and dilation ${step}`,
        'these are counts',
        'give positive integers',
      );
    if (keys * step > size)
      throw refusal(
        `a window of ${keys} keys with dilation ${step} is larger than axis ${i} of ${size} tokens`,
        'every query has its whole window on the grid',
        `give a kernel of at most ${Math.floor(size / step)}, or another dilation`,
      );
    return {
      size,
      kernel: keys,
      dilation: step,
      before: causal[i]! ? keys - 1 : keys >> 1,
      shifted: edges === 'shifted' && !causal[i]!,
    };
  });
  const selected = kernel.reduce((product, each) => product * each, 1);
  return {
    id: `neighbourhood-${axes.map((axis) => Object.values(axis).join('.')).join('-')}`,
    selected,
    demand: demandTokens(grid, kernel, selected),
    wgsl: (slot) => neighbourhoodWgsl(slot, axes),
    reference: ({ index }, place) => {
      let [rest, left, stride, key] = [place, index, 1, 0];
      for (const axis of axes.toReversed()) {
        const found = keyAlong(axis, left % axis.size, rest % axis.kernel);
        if (found === undefined) return noKey;
        key += found * stride;
        stride *= axis.size;
        left = Math.floor(left / axis.size);
        rest = Math.floor(rest / axis.kernel);
      }
      return key;
    },
  };
}

function keyAlong({ size, kernel, dilation, before, shifted }: Axis, query: number, place: number) {
  const group = query % dilation;
  const count = Math.ceil((size - group) / dilation);
  const start = Math.floor(query / dilation) - before;
  const found = place + (shifted ? Math.min(Math.max(start, 0), count - kernel) : start);
  return found >= 0 && found < count ? group + found * dilation : undefined;
}

function neighbourhoodWgsl(slot: string, axes: readonly Axis[]): string {
  const along = axes.map(({ size, kernel, dilation, before, shifted }, i) => {
    const start = `i32(query / ${dilation}u) - ${before}i`;
    return `fn ${slot}_along_${i}(query: u32, place: u32) -> u32 {
  let group = query % ${dilation}u;
  let count = i32((${size + dilation - 1}u - group) / ${dilation}u);
  let found = ${shifted ? `clamp(${start}, 0i, count - ${kernel}i)` : start} + i32(place);
  return select(NO_KEY, group + u32(found) * ${dilation}u, found >= 0i && found < count);
}`;
  });
  let [rest, left] = ['place', 'row.index'];
  const lines: string[] = [];
  for (const [i, { size, kernel }] of [...axes.entries()].toReversed()) {
    lines.push(`let at_${i} = ${slot}_along_${i}(${left} % ${size}u, ${rest} % ${kernel}u);`);
    [rest, left] = [`${rest} / ${kernel}u`, `${left} / ${size}u`];
  }
  const key = axes
    .map((_, i) => `at_${i}`)
    .reduce((outer, at, i) => `(${outer}) * ${axes[i]!.size}u + ${at}`);
  const outside = axes.map((_, i) => `at_${i} == NO_KEY`).join(' || ');
  return `${along.join('\n')}
fn ${slot}_key(row: Token, place: u32) -> u32 {
  ${lines.join('\n  ')}
  return select(${key}, NO_KEY, ${outside});
}`;
}

const demandTokens =
  (grid: readonly number[], kernel: readonly number[], most: number): NonNullable<SelectFilling['demand']> =>
  (subject, { queries, keys, selected }) => {
    const tokens = grid.reduce((product, size) => product * size, 1);
    if (queries !== tokens || keys !== tokens)
      throw new TilewrightError('bad-shape', {
        subject,
        problem: `a grid of ${grid.join(' × ')} has ${tokens} tokens; there are ${queries} queries and ${keys} keys`,
        requirement: 'queries and keys are the tokens of the grid, row by row',
        fix: 'give neighbourhood the sizes of your grid',
      });
    if (selected !== most)
      throw new TilewrightError('bad-shape', {
        subject,
        problem: `a neighbourhood of ${kernel.join(' × ')} has ${most} keys; the axis 'selected' is ${selected}`,
        requirement: 'the axis counts the keys of a query',
        fix: `give axes.selected as ${most}`,
      });
  };

const refusal = (problem: string, requirement: string, fix: string): TilewrightError =>
  new TilewrightError('bad-argument', { subject: 'neighbourhood', problem, requirement, fix });
