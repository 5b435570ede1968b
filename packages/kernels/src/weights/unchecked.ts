// Functions on weights as they are for those who have checked what they hand over: a page then ships no check twice.
export { codecOf, readFormat, storedLike, unpack } from './families.ts';
export { concatRows, permuteRows, selectRows } from './rows.ts';
export { bitsPerWeight, formatBytes } from './sections.ts';
