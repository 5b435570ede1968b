import { checkOptions } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Quantizer, TensorQuantizer } from '../../contract/quantizer.ts';
import { codeBytes } from '../code-bytes.ts';
import { integer } from './format.ts';
import type { IntegerParameters } from './parameters.ts';
import { fitGrid, type Grid, type GridConfig, largestWeight, nearestCode } from './grid.ts';
import { packInteger } from './pack.ts';

export interface IntegerQuantizerOptions extends Pick<IntegerParameters, 'bits' | 'zeroPoint'> {
  /** Columns that share a scale, or the row; default 32. */
  readonly group?: number | 'row';
  /** How a group's scale is found; default `extreme`. */
  readonly scale?: GridConfig['scale'];
}

/**
 * Rounds to integers, by group or with one scale a row. Throws `bad-format` for an impossible format, `bad-argument` for another
 * `scale` or option.
 */
export function integerQuantizer(
  options: IntegerQuantizerOptions & { readonly group: 'row' },
): TensorQuantizer<Grid>;
export function integerQuantizer(
  options: IntegerQuantizerOptions & { readonly group?: number },
): Quantizer<Grid>;
export function integerQuantizer(options: IntegerQuantizerOptions): Quantizer<Grid> | TensorQuantizer<Grid>;
export function integerQuantizer(options: IntegerQuantizerOptions): Quantizer<Grid> | TensorQuantizer<Grid> {
  checkOptions('integerQuantizer', options, ['bits', 'group', 'zeroPoint', 'scale']);
  const { scale = 'extreme', group = 32, ...parameters } = options;
  const format = integer({ ...parameters, group });
  const { bits, zeroPoint } = format;
  if (scale !== 'extreme' && scale !== 'search') {
    throw new TilewrightError('bad-argument', {
      subject: 'integerQuantizer',
      problem: `scale is '${String(scale)}'`,
      requirement: "it is 'extreme' or 'search'",
      fix: 'give one of these, or leave it out',
    });
  }
  const config: GridConfig = { bits, zeroPoint, scale };
  const topCode = 2 ** bits - 1;
  const shared = {
    name: `int${bits}${group === 32 ? '' : group === 'row' ? '-row' : `-g${group}`}${zeroPoint ? '-zp' : ''}`,
    format,
    limit: largestWeight(bits),
  };
  const forSpan = (span: number): Quantizer<Grid> =>
    Object.freeze({
      ...shared,
      span,
      lanes: 1,
      fit: (values, start, count, costs) => fitGrid(values, start, count, config, costs),
      nearest: (grid, values, at) => nearestCode(values[at]!, grid, topCode),
      value: ({ scale: step, zero }, code) => (code - zero) * step,
      zero: ({ zero }) => zero,
      pack: (codes, grids, shape) => {
        const parts = {
          codes: codeBytes(codes),
          scales: Float32Array.from(grids, (grid) => grid.scale),
        };
        const zeros = {
          zeroPoints: Uint8Array.from(grids, (grid) => grid.zero),
        };
        return packInteger(zeroPoint ? { ...parts, ...zeros } : parts, shape, format);
      },
    } satisfies Quantizer<Grid>);
  if (group !== 'row') return forSpan(group);
  return Object.freeze({
    ...shared,
    forTensor: (_: Iterable<ArrayLike<number>>, columns: number) => forSpan(Math.max(1, columns)),
  });
}
