import { checkOptions } from '../../contract/check-options.ts';
import type { Quantizer } from '../../contract/quantizer.ts';
import { type TableGrid, tableQuantizer, type TableQuantizerOptions } from '../grouped/table-quantizer.ts';
import { type Float8, float8 } from './format.ts';
import { float8Numbers } from './numbers.ts';
import { packFloat8 } from './pack.ts';

export interface Float8QuantizerOptions extends TableQuantizerOptions {
  /** Default e4m3. */
  readonly float?: Float8;
}

/** Rounds to floats of eight bits. Throws `bad-format` for an impossible format, `bad-argument` for another `scale` or option. */
export function float8Quantizer(options: Float8QuantizerOptions = {}): Quantizer<TableGrid> {
  checkOptions('float8Quantizer', options, ['float', 'group', 'scale']);
  const { float = 'e4m3', ...rest } = options;
  return tableQuantizer(
    {
      subject: 'float8Quantizer',
      name: float,
      group: 128,
      format: (group) => float8({ float, group }),
      numbers: float8Numbers(float),
      pack: packFloat8,
    },
    rest,
  );
}
