// How windows lie on the axes of a grid, and how many there are.
import { demandObject } from '../../contract/check-options.ts';
import type { OptionValue } from '../../contract/contract.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { axisNumbers, numbersPerAxis, productOf } from '../grid.ts';

/** One axis of the grid, and the windows along it: outputs · stride apart, taps · dilation wide. */
export interface PoolAxis {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  readonly outputs: number;
}

type Options = Readonly<Record<string, OptionValue>>;

/** Reads the options of `pool`. Throws `bad-argument`. */
export function poolAxes(options: Options, subject = 'pool'): readonly PoolAxis[] {
  const sizes = axisNumbers(subject, 'grid', options.grid ?? '');
  const read = (option: string, usual: string, least = 1): readonly number[] =>
    numbersPerAxis(subject, option, options[option] ?? usual, sizes, least);
  const [window, stride, dilation] = [read('window', '1'), read('stride', '1'), read('dilation', '1')];
  const before = read('padding', '0', 0);
  const after = (options.padding_end ?? '') === '' ? before : read('padding_end', '', 0);
  return sizes.map((size, i) => {
    const axis = { size, window: window[i]!, stride: stride[i]!, dilation: dilation[i]! };
    const reach = axis.dilation * (axis.window - 1) + 1;
    const room = size + before[i]! + after[i]!;
    if (reach > room)
      throw new TilewrightError('bad-argument', {
        subject,
        problem: `windows reach over ${reach} places of an axis that has ${room}, padding included`,
        requirement: 'at least one window fits on every axis',
        fix: "change the option 'window', 'dilation' or 'padding'",
      });
    if (options.edges === 'reflect' && Math.max(before[i]!, after[i]!) >= size)
      throw new TilewrightError('bad-argument', {
        subject,
        problem: `an axis of ${size} has a padding of ${Math.max(before[i]!, after[i]!)}, reflected`,
        requirement: 'a reflection is no longer than what is reflected, less the edge itself',
        fix: 'give less padding, or edges: outside',
      });
    return {
      ...axis,
      before: before[i]!,
      after: after[i]!,
      outputs: Math.floor((room - reach) / axis.stride) + 1,
    };
  });
}

/**
 * What comes out of `pool` with these options: the grid, to be handed to the next kernel, and its tokens, the axis
 * `out_tokens`. Throws `bad-argument`.
 */
export function pooledGrid(options: Options): { readonly grid: string; readonly tokens: number } {
  demandObject('pooledGrid', 'options', options);
  const outputs = poolAxes(options).map((axis) => axis.outputs);
  return { grid: outputs.join('x'), tokens: productOf(outputs) };
}
