import type { Quantizer, TensorQuantizer } from '../contract/quantizer.ts';

/** The quantizer of a tensor, whose numbers come as runs of whole rows of so many columns; most are the same for every tensor. */
export const quantizerFor = <Grid>(
  quantizer: Quantizer<Grid> | TensorQuantizer<Grid>,
  runs: Iterable<ArrayLike<number>>,
  columns: number,
): Quantizer<Grid> => ('forTensor' in quantizer ? quantizer.forTensor(runs, columns) : quantizer);
