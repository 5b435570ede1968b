import { floatMatrix, perWeight, type Recipe, withoutLostRows } from '@tilewright/compression';
import { quantizerFor, roundWeight, storedLike } from '@tilewright/kernels/weights';
import { type AnyQuantizer, checkQuantizer } from './check-quantizer.ts';
import { targetFormat } from './target-format.ts';

/**
 * Round to nearest: each span of columns of a row gets a grid, each weight the nearest code. Needs no statistics.
 * Sparse weights stay sparse. Throws `bad-argument` for what is no quantizer.
 */
export function rtn<Grid>(quantizer: AnyQuantizer<Grid>): Recipe {
  checkQuantizer('rtn', quantizer);
  const name = `${quantizer.name}-rtn`;
  return perWeight(name, [], (input) => {
    const target = targetFormat(input, quantizer);
    const { values, columns } = floatMatrix(name, input, quantizer.limit);
    const rounded = roundWeight(quantizerFor(quantizer, [values], columns), values, input.tensor.shape);
    return withoutLostRows(name, input, values, storedLike(rounded, target, input.codecs));
  });
}
