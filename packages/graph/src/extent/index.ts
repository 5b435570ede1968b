export { extentAlgebra } from './algebra.ts';
export type { ExtentAlgebra } from './algebra.ts';
export { contentsOf, knownValue, mostContents, numbersOf } from './contents.ts';
export type { Contents, KnownValue } from './contents.ts';
export { factorOf, fixedSize, isAtMost, isEqual, productOf, quotientOf, sumOf } from './decide.ts';
export type { Decision } from './decide.ts';
export { printExtent, printShape } from './print.ts';
export { extentScope } from './scope.ts';
export type { ExtentScope, SymbolRange, SymbolRanges } from './scope.ts';
