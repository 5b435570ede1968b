export { dtypeBytes, isDenseDType, type DenseDType } from './dtype.ts';
export { dense, denseDType, denseFamily, type DenseFormat } from './format.ts';
export { packDense } from './pack.ts';
export { packF32 } from './pack-f32.ts';
export { denseCodec, unpackDense } from './unpack.ts';
