export { type PagedLoadOptions, pagedLoadK, pagedLoadV } from './cache-paged.ts';
export { dequantizedRow, quantizedLoadK, quantizedLoadV } from './cache-quantized.ts';
export { atOriginalPositions } from './cache-positions.ts';
export { ringCapacity, ringLoadK, ringLoadV, type RingLoadOptions } from './cache-ring.ts';
