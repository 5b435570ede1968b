export { integer, integerFamily, isInteger, type IntegerFormat } from './format.ts';
export type { IntegerParameters, NestedScales } from './parameters.ts';
export { fitGrid, nearestCode, type Grid, type GridConfig } from './grid.ts';
export { packInteger, type IntegerParts } from './pack.ts';
export { integerQuantizer, type IntegerQuantizerOptions } from './quantizer.ts';
export { dequantizeInteger, integerCodec, unpackInteger } from './unpack.ts';
