// What others call: each function says what it was given in place of a weight, a format or a shape. The house's own, which have
// checked that already, take it from `@tilewright/kernels/weights/unchecked`.
import { checkHost } from './check-host.ts';
import * as unchecked from './unchecked.ts';

/** {@inheritDoc unchecked.bitsPerWeight} */
export const bitsPerWeight: typeof unchecked.bitsPerWeight = (tensor) => {
  checkHost('bitsPerWeight', { tensor });
  return unchecked.bitsPerWeight(tensor);
};

/** {@inheritDoc unchecked.codecOf} */
export const codecOf: typeof unchecked.codecOf = (format, codecs) => {
  checkHost('codecOf', { format, codecs });
  return unchecked.codecOf(format, codecs);
};

/** {@inheritDoc unchecked.concatRows} */
export const concatRows: typeof unchecked.concatRows = (tensors) => {
  checkHost('concatRows', { tensors });
  return unchecked.concatRows(tensors);
};

/** {@inheritDoc unchecked.formatBytes} */
export const formatBytes: typeof unchecked.formatBytes = (format, shape) => {
  checkHost('formatBytes', { format, shape });
  return unchecked.formatBytes(format, shape);
};

/** {@inheritDoc unchecked.permuteRows} */
export const permuteRows: typeof unchecked.permuteRows = (tensor, permutation) => {
  checkHost('permuteRows', { tensor, permutation });
  return unchecked.permuteRows(tensor, permutation);
};

/** {@inheritDoc unchecked.readFormat} */
export const readFormat: typeof unchecked.readFormat = (record, families) => {
  checkHost('readFormat', { record, families });
  return unchecked.readFormat(record, families);
};

/** {@inheritDoc unchecked.selectRows} */
export const selectRows: typeof unchecked.selectRows = (tensor, ranges) => {
  checkHost('selectRows', { tensor, ranges });
  return unchecked.selectRows(tensor, ranges);
};

/** {@inheritDoc unchecked.storedLike} */
export const storedLike: typeof unchecked.storedLike = (full, like, codecs) => {
  checkHost('storedLike', { full, format: like, codecs });
  return unchecked.storedLike(full, like, codecs);
};

/** {@inheritDoc unchecked.unpack} */
export const unpack: typeof unchecked.unpack = (tensor, codecs, rows) => {
  checkHost('unpack', { tensor, codecs, ...(rows !== undefined && { ranges: [rows] }) });
  return unchecked.unpack(tensor, codecs, rows);
};
