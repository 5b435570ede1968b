export { dtypeBytes, isDenseDType, type DenseDType } from './dtype.ts';
export { dense, denseDType, denseFamily, type DenseFormat } from './format.ts';
export { packDense } from './pack.ts';
export { denseCodec, unpackDense } from './unpack.ts';
