import { checkOptions } from '../../contract/check-options.ts';
import type { Quantizer, TensorQuantizer } from '../../contract/quantizer.ts';
import { type TableGrid, tableQuantizer, type TableQuantizerOptions } from '../grouped/table-quantizer.ts';
import { type Float8, float8 } from './format.ts';
import { float8Numbers } from './numbers.ts';
import { packFloat8 } from './pack.ts';

export interface Float8QuantizerOptions extends Pick<TableQuantizerOptions, 'scale'> {
  /** Default e4m3. */
  readonly float?: Float8;
  /** Columns that share a scale, or the row; default 128. */
  readonly group?: number | 'row';
}

/**
 * Rounds to floats of eight bits, by group or with one scale a row. Throws `bad-format` for an impossible format, `bad-argument`
 * for another `scale` or option.
 */
export function float8Quantizer(
  options: Float8QuantizerOptions & { readonly group: 'row' },
): TensorQuantizer<TableGrid>;
export function float8Quantizer(
  options?: Float8QuantizerOptions & { readonly group?: number },
): Quantizer<TableGrid>;
export function float8Quantizer(
  options?: Float8QuantizerOptions,
): Quantizer<TableGrid> | TensorQuantizer<TableGrid>;
export function float8Quantizer(
  options: Float8QuantizerOptions = {},
): Quantizer<TableGrid> | TensorQuantizer<TableGrid> {
  checkOptions('float8Quantizer', options, ['float', 'group', 'scale']);
  const { float = 'e4m3', group = 128, ...rest } = options;
  const rounding = (columns: number): Quantizer<TableGrid> =>
    tableQuantizer(
      {
        subject: 'float8Quantizer',
        name: float,
        group: 128,
        format: (width) => float8({ float, group: group === 'row' ? group : width }),
        numbers: float8Numbers(float),
        pack: packFloat8,
      },
      { ...rest, group: columns },
    );
  if (group !== 'row') return rounding(group);
  const forRow = (columns: number): Quantizer<TableGrid> => {
    const made = rounding(Math.max(1, columns));
    return { ...made, name: made.format.name };
  };
  const { name, format, limit } = forRow(1);
  return Object.freeze({
    name,
    format,
    limit,
    forTensor: (_: Iterable<ArrayLike<number>>, columns: number) => forRow(columns),
  });
}
