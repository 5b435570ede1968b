import type { Quantizer, TensorQuantizer } from '../contract/quantizer.ts';
import { checkHost } from './check-host.ts';

/** The quantizer of a tensor, whose numbers come as runs of whole rows of so many columns; most are the same for every tensor. */
export function quantizerFor<Grid>(
  quantizer: Quantizer<Grid> | TensorQuantizer<Grid>,
  runs: Iterable<ArrayLike<number>>,
  columns: number,
): Quantizer<Grid> {
  checkHost('quantizerFor', { anyQuantizer: quantizer });
  return 'forTensor' in quantizer ? quantizer.forTensor(runs, columns) : quantizer;
}
