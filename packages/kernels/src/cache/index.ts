// What callers of caches need on the host: the table of pages, and where the parts of an integer cache lie.
export { checkBlockTable, pageTable, type PageTable, type PageWrites } from './page-table.ts';
export { quantizedPlane, type QuantizedCache, type QuantizedPlane } from './quantized-cache.ts';
