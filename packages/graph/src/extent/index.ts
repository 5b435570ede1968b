export { extentAlgebra } from './algebra.ts';
export type { Decision, ExtentAlgebra, SymbolRange, SymbolRanges } from './algebra.ts';
export { contentsOf, knownValue, mostContents, numbersOf } from './contents.ts';
export type { Contents, KnownValue } from './contents.ts';
export { printExtent, printShape } from './tree.ts';
