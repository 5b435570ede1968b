import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';
import { gridAddress, gridRows, productOf } from '../grid.ts';
import { poolAxes } from './windows.ts';

/** The places of a grid, outermost axis first, in the order of their tokens. */
const placesOf = (sizes: readonly number[]): number[][] =>
  sizes.reduce<number[][]>(
    (places, size) => places.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );

export const poolReference: Oracle = (input) => {
  const { axes, options, inputs, round } = input;
  const { batch, tokens, out_tokens, heads, head_size, weight_heads } = axes as Record<string, number>;
  const along = poolAxes(options);
  const taps = placesOf(along.map(({ window }) => window));
  const xAt = gridAddress(gridRows('pool', 'x', input, tokens!));
  const yAt = gridAddress(gridRows('pool', 'y', input, out_tokens!));
  const y = new Float64Array(batch! * out_tokens! * heads! * head_size!);
  /** The token of a window's tap, or nothing. */
  const tokenOf = (place: readonly number[], tap: readonly number[]): number | undefined => {
    let token = 0;
    for (const [i, { size, stride, dilation, before }] of along.entries()) {
      let at = place[i]! * stride + tap[i]! * dilation - before;
      if (options.edges === 'reflect') at = at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
      if (at < 0 || at >= size) return undefined;
      token = token * size + at;
    }
    return token;
  };
  const combine = (values: readonly number[]): number => {
    if (values.length === 0) return 0;
    if (options.operation === 'max') return Math.max(...values);
    const sum = pairwiseSum(values, round);
    if (options.operation === 'weighted') return sum;
    const counted =
      options.count_padding === true ? productOf(along.map(({ window }) => window)) : values.length;
    return round(sum / counted);
  };
  placesOf(along.map(({ outputs }) => outputs)).forEach((place, out) => {
    const window = taps.flatMap((tap, i) => {
      const token = tokenOf(place, tap);
      return token === undefined ? [] : [{ token, tap: i }];
    });
    for (let b = 0; b < batch!; b++)
      for (let h = 0; h < heads!; h++)
        for (let d = 0; d < head_size!; d++) {
          const values = window.map(({ token, tap }) => {
            const x = inputs.x![xAt(b, h, token) + d]!;
            if (options.operation !== 'weighted') return x;
            const row = tap * weight_heads! + (weight_heads === 1 ? 0 : h);
            return round(x * inputs.weight![row * head_size! + d]!);
          });
          y[yAt(b, h, out) + d] = combine(values);
        }
  });
  return { y };
};
