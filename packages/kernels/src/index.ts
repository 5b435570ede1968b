export { assemble } from './core/assemble.ts';
export { holds, isBound, isInOut, shapeOf, storageOf } from './core/bindings.ts';
export type { AssembleInput, ScratchView, TensorView } from './core/assemble.ts';
export { baselineCapabilities, defaultLimits } from './core/capabilities.ts';
export type { Capabilities, Feature, KernelLimits, LanguageFeature } from './core/capabilities.ts';
export type {
  CheckCase,
  CheckInputs,
  KernelCheck,
  Oracle,
  OracleInput,
  OracleTensor,
  Round,
  Workload,
} from './core/check.ts';
export type {
  AxisKind,
  Cost,
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
} from './core/contract.ts';
export { costOf } from './core/cost.ts';
export { defineKernel } from './core/define-kernel.ts';
export type { Kernel } from './core/define-kernel.ts';
export { errorFamily, isTilewrightError, TilewrightError } from './core/errors.ts';
export type { ErrorCode, ErrorFamily, ErrorParts } from './core/errors.ts';
export {
  checkExpression,
  expressionId,
  expressionOperands,
  expressionReference,
  expressionWgsl,
} from './core/expression.ts';
export type { Expression, ExpressionWgsl, ExpressionWgslOptions } from './core/expression.ts';
export type { ExpressionOperation } from './core/expression-operations.ts';
export { ceilDiv, evaluate, extent, plus, roundUp, times } from './core/extent.ts';
export type { Extent, ExtentOperator, Sizes } from './core/extent.ts';
export type { Filling, FillingBinding, SlotContract } from './core/filling.ts';
export { plainProgram } from './core/plain-program.ts';
export type { PlainProgramInput } from './core/plain-program.ts';
export type { Constants } from './core/prelude.ts';
export { bf16BitsToF32, f16BitsToF32, f32ToBf16Bits, f32ToF16Bits } from './core/float16.ts';
export { normalNumbers, normalStream, philox4x32, randomStream, unitFromWord } from './core/philox.ts';
export { pairwiseSum } from './core/pairwise-sum.ts';
export type { HostTensor, Layout, StateDict } from './layouts/layout.ts';
