// Functions of the main entry as they are for those who have checked what they hand over: a page then ships no check twice.
export { graphBuilder } from './builder.ts';
export { contentsOf, extentAlgebra, printExtent, printShape } from './extent/index.ts';
export { indexGraph, isOf, readsOf, unfold, writesOf } from './graph-index.ts';
export { defineOperator } from './operators/operator.ts';
export { weightProduct } from './operators/products/weight-product.ts';
export { storedNames } from './weights/weight-expression.ts';
export { checkGraph } from './spec.ts';
export { compile } from './compile.ts';
export { explain } from './explain.ts';
export { withOutputs } from './rewrite.ts';
export { loadSession, plannedBytes } from './session.ts';
export { fuse, simplify } from './simplify.ts';
export { subgraph } from './subgraph.ts';
export { arrange } from './weights/arrange.ts';
export { prepareWeights } from './weights/prepare.ts';
