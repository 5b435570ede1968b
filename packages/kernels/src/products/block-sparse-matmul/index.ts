// What the kernel computes is in kernel.ts; the format that brings it in format.ts, its packing in pack.ts.
export {
  isBlockSparse,
  storedPart,
  type BlockSparseFormat,
  type BlockSparseParameters,
  type BlockValues,
} from './format.ts';
export { blockSparseMatmul } from './kernel.ts';
export { blockSparseCodec, blockSparseFamily, packBlockSparse, unpackBlockSparse } from './pack.ts';
