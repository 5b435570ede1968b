import type { Quantizer } from '../../contract/quantizer.ts';
import { type TableGrid, tableQuantizer, type TableQuantizerOptions } from '../grouped/table-quantizer.ts';
import { nf4 } from './format.ts';
import { nf4Numbers } from './numbers.ts';
import { packNf4 } from './pack.ts';

/** `extreme`, the default scale, is what bitsandbytes takes. */
export type Nf4QuantizerOptions = TableQuantizerOptions;

/** The scale of a group. */
export type Nf4Grid = TableGrid;

/**
 * Rounds to NF4: groups of 64 where options say nothing.
 *
 * @throws `bad-format` for an impossible format, `bad-argument` for another `scale` or option.
 */
export const nf4Quantizer = (options: TableQuantizerOptions = {}): Quantizer<TableGrid> =>
  tableQuantizer(
    {
      subject: 'nf4Quantizer',
      name: 'nf4',
      group: 64,
      format: (group) => nf4({ group }),
      numbers: nf4Numbers,
      pack: packNf4,
    },
    options,
  );
