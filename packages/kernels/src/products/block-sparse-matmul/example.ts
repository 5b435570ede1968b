import type { HostTensor } from '../../contract/weight-format.ts';
import type { WeightExample } from '../../weights/example.ts';
import type { BlockSparseFormat, BlockSparseParameters } from './format.ts';
import { blockSparseFormat } from './format.ts';
import { blockSparseMatmul } from './kernel.ts';
import { blockSparseCodec, blockSparseFamily, packBlockSparse, unpackBlockSparse } from './pack.ts';

/** `blocks` blocks of numbers: the first row of blocks is filled first, then from the second on every other one. */
function tensor(format: BlockSparseFormat, shape: readonly number[], normal: () => number): HostTensor {
  const { height, width, blocks } = format;
  const [rows, columns] = shape as [number, number];
  const across = Math.ceil(columns / width);
  const order = Array.from({ length: Math.ceil(rows / height) * across }, (_, at) => at).sort(
    (a, b) => turnOf(a, across) - turnOf(b, across) || a - b,
  );
  const chosen = new Set(order.slice(0, blocks));
  const values = Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const kept = chosen.has(Math.floor(row / height) * across + Math.floor(column / width));
    const value = normal();
    // Never close to zero, so that no chosen block rounds to nothing.
    return kept ? (value + (value < 0 ? -0.2 : 0.2)) / Math.sqrt(columns) : 0;
  });
  return packBlockSparse(values, shape, parametersOf(format));
}

const parametersOf = ({ height, width, dtype }: BlockSparseFormat): BlockSparseParameters => ({
  height,
  width,
  dtype,
});

/** The first row of blocks, then odd ones, then even ones, so that few blocks leave a row empty. */
const turnOf = (at: number, across: number): number => {
  const row = Math.floor(at / across);
  return row === 0 ? 0 : row % 2 === 1 ? 1 : 2;
};

export const example: WeightExample<BlockSparseFormat> = {
  family: blockSparseFamily,
  codec: blockSparseCodec,
  formats: [
    blockSparseFormat({}, 5, [blockSparseMatmul]),
    blockSparseFormat({ dtype: 'f16' }, 4, [blockSparseMatmul]),
    blockSparseFormat({ height: 4, width: 8 }, 9, [blockSparseMatmul]),
    blockSparseFormat({ height: 32, width: 32, dtype: 'int8' }, 3, [blockSparseMatmul]),
    blockSparseFormat({ height: 16, width: 1, dtype: 'int4' }, 77, [blockSparseMatmul]),
    blockSparseFormat({ height: 1, width: 4, dtype: 'int8' }, 77, [blockSparseMatmul]),
    blockSparseFormat({ height: 1, width: 1 }, 301, [blockSparseMatmul]),
  ],
  shapes: [
    [48, 64],
    [37, 70],
    [16, 80],
  ],
  quantizers: [],
  tensor,
  repacked: (packed) =>
    packBlockSparse(
      unpackBlockSparse(packed),
      packed.shape,
      parametersOf(packed.format as BlockSparseFormat),
    ),
  rounded: (format, values, shape) => packBlockSparse(values, shape, parametersOf(format)),
};
