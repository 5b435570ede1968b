import { checkOption, floatMatrix, type Recipe } from '@tilewright/compression';
import { packDense, packNM } from '@tilewright/kernels/layouts';

/**
 * Stores weights as floats of another size and changes nothing else; N:M sparse weights (f32 and f16 only) stay sparse.
 * Throws `bad-argument` for another dtype, and for a weight beyond the new one.
 */
export function cast(dtype: 'f32' | 'f16'): Recipe {
  checkOption('cast', 'dtype', dtype, dtype === 'f32' || dtype === 'f16', "'f32' or 'f16'");
  const name = `dense-${dtype}`;
  return {
    name,
    needs: 'none',
    compress: (input) => {
      const { values } = floatMatrix(name, input);
      const { layout, shape } = input.tensor;
      if (layout.kind === 'n:m')
        return packNM(values, shape, { ...layout, values: { kind: 'dense', dtype } });
      return packDense(values, shape, dtype);
    },
  };
}
