import type { Quantizer } from '../../contract/quantizer.ts';
import { type TableGrid, tableQuantizer, type TableQuantizerOptions } from '../grouped/table-quantizer.ts';
import { fp4 } from './format.ts';
import { fp4Numbers } from './numbers.ts';
import { packFp4 } from './pack.ts';

/**
 * Rounds to FP4: groups of 64 where options say nothing.
 *
 * @throws `bad-format` for an impossible format, `bad-argument` for another `scale` or option.
 */
export const fp4Quantizer = (options: TableQuantizerOptions = {}): Quantizer<TableGrid> =>
  tableQuantizer(
    {
      subject: 'fp4Quantizer',
      name: 'fp4',
      group: 64,
      format: (group) => fp4({ group }),
      numbers: fp4Numbers,
      pack: packFp4,
    },
    options,
  );
