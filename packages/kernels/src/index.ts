export { assemble } from './contract/assemble.ts';
export { declaredShape, holds, isBound, isInOut, rowLength, storageOf } from './contract/bindings.ts';
export { shapeOf } from './contract/shape-of.ts';
export type { AssembleInput, ScratchView } from './contract/assemble.ts';
export type { TensorView } from './contract/tensor-view.ts';
export { baselineCapabilities, defaultLimits } from './contract/capabilities.ts';
export type { Capabilities, Feature, KernelLimits, LanguageFeature } from './contract/capabilities.ts';
export { caseProblem } from './contract/check.ts';
export type {
  CheckCase,
  CheckInputs,
  Cost,
  DrawInputs,
  KernelCheck,
  Oracle,
  OracleInput,
  OracleTensor,
  Round,
  Workload,
} from './contract/check.ts';
export type {
  AxisKind,
  KernelDefinition,
  OptionValue,
  Plan,
  Problem,
  ProblemInput,
  Program,
  ProgramBinding,
  ProgramDispatch,
  StorageType,
  TensorContract,
  UniformType,
  Variant,
} from './contract/contract.ts';
export { checkPlan, checkPlans } from './contract/check-plans.ts';
export { checkProblem } from './contract/check-problem.ts';
export { costOf } from './contract/cost.ts';
export { defineKernel } from './contract/define-kernel.ts';
export { kernelsOf, type FormatWithKernels } from './contract/format-with-kernels.ts';
export type { Kernel } from './contract/define-kernel.ts';
export { errorFamily, isTilewrightError, TilewrightError } from './contract/errors.ts';
export type { ErrorCode, ErrorFamily, ErrorParts } from './contract/errors.ts';
export { checkExpression, expressionId, expressionOperands, expressionWgsl } from './numbers/expression.ts';
export { expressionReference } from './numbers/expression-reference.ts';
export type { Expression, ExpressionWgsl, ExpressionWgslOptions } from './numbers/expression.ts';
export type { ExpressionOperation } from './numbers/expression-operations.ts';
export { ceilDiv, evaluate, extent, plus, roundUp, times } from './contract/extent.ts';
export type { Extent, ExtentOperator, Sizes } from './contract/extent.ts';
export type { Filling, FillingBinding, SlotContract } from './contract/filling.ts';
export {
  checkOptions,
  oneOf,
  positiveInteger,
  finiteNumber,
  having,
  textsByName,
  trueOrFalse,
  listOf,
  nonNegativeInteger,
  anyValue,
  callback,
  checkedLater,
  demand,
  demandNames,
  demandObject,
  type OptionKind,
  optional,
} from './contract/check-options.ts';
export { aKindOf, awaitFix, isPromise, shownNumber } from './contract/kind-of.ts';
export { nearestName, renameFix } from './contract/nearest-name.ts';
export { distancesOf, rowView, viewPlaces } from './contract/row-view.ts';
export type { DeclaredView, Distance, RowDigit, RowView } from './contract/contract.ts';
export type { Constants } from './contract/prelude.ts';
export { storageBytes } from './contract/storage-type.ts';
export {
  bf16BitsToF32,
  f16BitsToF32,
  f32ToBf16Bits,
  f32ToF16Bits,
  f32ToStoredF16Bits,
} from './numbers/float16.ts';
export { normalNumbers, normalStream, philox4x32, randomStream, unitFromWord } from './numbers/philox.ts';
export { pairwiseSum } from './numbers/pairwise-sum.ts';
export type { Quantizer, TensorQuantizer } from './contract/quantizer.ts';
export type { HostTensor, StateDict, WeightFormat } from './contract/weight-format.ts';
