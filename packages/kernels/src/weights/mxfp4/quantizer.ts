import type { Quantizer } from '../../contract/quantizer.ts';
import { type TableGrid, tableQuantizer, type TableQuantizerOptions } from '../grouped/table-quantizer.ts';
import { mxfp4 } from './format.ts';
import { e2m1Numbers } from '../../numbers/e2m1-numbers.ts';
import { packMxfp4 } from './pack.ts';

/**
 * Rounds to MXFP4: groups of 32 where options say nothing. What a group's power of two leaves beyond 6 becomes 6, as the
 * specification has it.
 *
 * @throws `bad-format` for an impossible format, `bad-argument` for another `scale` or option.
 */
export const mxfp4Quantizer = (options: TableQuantizerOptions = {}): Quantizer<TableGrid> =>
  tableQuantizer(
    {
      subject: 'mxfp4Quantizer',
      name: 'mxfp4',
      group: 32,
      format: (group) => mxfp4({ group }),
      numbers: e2m1Numbers,
      pack: packMxfp4,
    },
    options,
  );
