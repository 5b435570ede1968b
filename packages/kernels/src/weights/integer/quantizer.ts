import { checkOptions } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Quantizer } from '../../contract/quantizer.ts';
import { integer } from './format.ts';
import type { IntegerParameters } from './parameters.ts';
import { fitGrid, type Grid, type GridConfig, largestWeight, nearestCode } from './grid.ts';
import { packInteger } from './pack.ts';

export interface IntegerQuantizerOptions extends Pick<IntegerParameters, 'bits' | 'zeroPoint'> {
  /** Columns that share a scale; default 32. */
  readonly group?: number;
  /** How a group's scale is found; default `extreme`. */
  readonly scale?: GridConfig['scale'];
}

/** Rounds to integers by group. Throws `bad-format` for an impossible format, `bad-argument` for another `scale` or option. */
export function integerQuantizer(options: IntegerQuantizerOptions): Quantizer<Grid> {
  checkOptions('integerQuantizer', options, ['bits', 'group', 'zeroPoint', 'scale']);
  const { scale = 'extreme', ...parameters } = options;
  const format = integer(parameters);
  const { bits, zeroPoint } = format;
  const { group = 32 } = parameters;
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
  return Object.freeze({
    name: `int${bits}${group === 32 ? '' : `-g${group}`}${zeroPoint ? '-zp' : ''}`,
    format,
    span: group,
    lanes: 1,
    limit: largestWeight(bits),
    fit: (values, start, count, costs) => fitGrid(values, start, count, config, costs),
    nearest: (grid, values, at) => nearestCode(values[at]!, grid, topCode),
    value: ({ scale: step, zero }, code) => (code - zero) * step,
    zero: ({ zero }) => zero,
    pack: (codes, grids, shape) => {
      const parts = {
        codes: Uint8Array.from(codes),
        scales: Float32Array.from(grids, (grid) => grid.scale),
      };
      const zeros = { zeroPoints: Uint8Array.from(grids, (grid) => grid.zero) };
      return packInteger(zeroPoint ? { ...parts, ...zeros } : parts, shape, format);
    },
  } satisfies Quantizer<Grid>);
}
