export type { PeeledNode } from './absorb/peel.ts';
export { graphBuilder } from './checked-builder.ts';
export type { GraphBuilder } from './builder.ts';
export type { CacheFormat, CachePlace, CacheSizes, CacheStep } from './ir.ts';
export {
  arrange,
  checkGraph,
  compile,
  explain,
  fuse,
  indexGraph,
  loadSession,
  plannedBytes,
  prepareWeights,
  simplify,
  subgraph,
  withOutputs,
} from './checked.ts';
export { checkKinds } from './check-kinds.ts';
export type { CompiledGraph, CompileOptions } from './compile.ts';
export type { Executable, ValueData } from './executable.ts';
export type { ExplainedCall, Explanation } from './explain.ts';
export {
  contentsOf,
  defineOperator,
  extentAlgebra,
  isOf,
  printExtent,
  printShape,
  readsOf,
  storedNames,
  unfold,
  weightProduct,
  writesOf,
} from './checked-parts.ts';
export type {
  Contents,
  Decision,
  ExtentAlgebra,
  ExtentScope,
  SymbolRange,
  SymbolRanges,
} from './extent/index.ts';
export type {
  Absorption,
  Attribute,
  AttributeDefinition,
  ElementType,
  Equality,
  CacheState,
  Graph,
  GraphContext,
  GraphIndex,
  HostContext,
  InferContext,
  InputKind,
  InputRole,
  KernelRequest,
  LoweringContext,
  Node,
  Operator,
  Region,
  RegionArgument,
  RegionStep,
  Sight,
  Slot,
  StateType,
  ValueType,
} from './ir.ts';
export type { KernelCall } from './lowering/request.ts';
export type { AttributeDefinitions, AttributesOf, OperatorDefinition } from './operators/operator.ts';
export { findOperator } from './operators/find-operator.ts';
export type { WeightProduct } from './operators/products/weight-product.ts';
export type { Edit, Rule } from './rewrite.ts';
export type { Session } from './session.ts';
export type { WeightFacts } from './simplify.ts';
export type { Arranged } from './weights/arrange.ts';
export type { WeightExpression } from './weights/weight-expression.ts';
