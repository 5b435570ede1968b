import type { Quantizer } from '@tilewright/kernels';
import { floatMatrix, perWeight, type Recipe, withoutLostRows } from '@tilewright/compression';
import { roundWeight, storedLike } from '@tilewright/kernels/weights';
import { checkQuantizer } from './check-quantizer.ts';
import { targetFormat } from './target-format.ts';

/**
 * Round to nearest: each span of columns of a row gets a grid, each weight the nearest code. Needs no statistics.
 * Sparse weights stay sparse. Throws `bad-argument` for what is no quantizer.
 */
export function rtn<Grid>(quantizer: Quantizer<Grid>): Recipe {
  checkQuantizer('rtn', quantizer);
  const name = `${quantizer.name}-rtn`;
  return perWeight(name, [], (input) => {
    const target = targetFormat(input, quantizer);
    const { values } = floatMatrix(name, input, quantizer.limit);
    const rounded = roundWeight(quantizer, values, input.tensor.shape);
    return withoutLostRows(name, input, values, storedLike(rounded, target, input.codecs));
  });
}
