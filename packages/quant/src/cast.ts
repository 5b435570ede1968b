import { checkOption, floatMatrix, perWeight, type Recipe, withoutLostRows } from '@tilewright/compression';
import { storedLike } from '@tilewright/kernels/weights';
import { packDense } from '@tilewright/kernels/weights/dense';

/**
 * Stores weights as floats of another size and changes nothing else; sparse weights stay sparse.
 * Throws `bad-argument` for another dtype, and for a weight beyond the new one.
 */
export function cast(dtype: 'f32' | 'f16'): Recipe {
  checkOption('cast', 'dtype', dtype, dtype === 'f32' || dtype === 'f16', "'f32' or 'f16'");
  const name = `dense-${dtype}`;
  return perWeight(name, [], (input) => {
    const { values } = floatMatrix(name, input);
    const { format, shape } = input.tensor;
    const stored = storedLike(packDense(values, shape, dtype), format, input.codecs);
    return withoutLostRows(name, input, values, stored);
  });
}
