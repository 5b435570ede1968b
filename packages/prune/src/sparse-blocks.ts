import { floatMatrix, perWeight, type Recipe, withoutLostRows } from '@tilewright/compression';
import { type BlockSparseParameters, packBlockSparse } from '@tilewright/kernels/block-sparse-matmul';

/**
 * Stores weights without the blocks that hold zeros alone, 16 by 16 unless told; blocks of 1 by 1 are CSR. It prunes nothing: a step that does
 * stands before it, and a weight that it left full takes more bytes so, not fewer. In f32 and f16 nothing else changes, beyond rounding
 * to f16; int8 and int4 round to multiples of a scale for each row.
 *
 * Throws `bad-format` for blocks that cannot be; where it runs, `bad-argument` for a weight beyond f16.
 */
export function sparseBlocks(parameters: BlockSparseParameters = {}): Recipe {
  const { name } = packBlockSparse(new Float32Array(0), [0, 0], parameters).format;
  return perWeight(name, [], (input) => {
    const { values } = floatMatrix(name, input);
    const packed = packBlockSparse(values, input.tensor.shape, parameters);
    return withoutLostRows(name, input, values, packed);
  });
}
