// Where the rows of an update lie.
import type { Problem } from '../../contract/contract.ts';

/** Whether a step's tokens lie one after the other, whatever sequence they belong to. */
export const isPacked = ({ places }: Problem['options']): boolean => places === 'tokens';

/** The memory order of the update: what the option says, or that of its shape. */
export const updatePattern = (options: Problem['options']): string =>
  String(options.update_strides) || (isPacked(options) ? 'shd' : 'bhsd');
