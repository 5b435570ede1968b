export { type AttentionSite, attentionSites } from './attention-sites.ts';
export { channelSites } from './channel-sites.ts';
export { checkOption } from './check-option.ts';
export { columnMaximaStatistic } from './column-maxima.ts';
export { compensatedSweep, type SweepInput } from './compensated-sweep.ts';
export type { CompressibleModel, Feed } from './calibration.ts';
export {
  type BlockResult,
  type Checkpoints,
  compressState,
  type CompressionProgress,
  type CompressOptions,
  linearWeightsOf,
} from './driver.ts';
export { floatMatrix, type FloatMatrix, rowRuns } from './float-matrix.ts';
export { foldGains, linearInputs, scaleSites } from './checked.ts';
export { type BudgetOptions, type Choice, chooseUnderBudget } from './budget.ts';
export { scaleColumns } from './fold-gains.ts';
export { factorGram, requiredGram, type FactoredGram, type FactorOptions } from './gram.ts';
export { withoutLostRows } from './lost-rows.ts';
export {
  type MethodContext,
  noWords,
  onlyWord,
  quantizerNamed,
  readRecipe,
  type RecipeMethod,
} from './methods.ts';
export { outputEnergy, relativeOutputError } from './output-error.ts';
export {
  compose,
  needsStatistics,
  perWeight,
  type Recipe,
  type RecipePart,
  type Rewrite,
  type Stage,
  type WeightChange,
  weightInput,
  type WeightInput,
} from './recipe.ts';
export { rehearse } from './rehearse.ts';
export { headSites, residualSite } from './rotation-sites.ts';
export {
  compressWeight,
  measureWeight,
  summarize,
  type CompressionReport,
  type LayerReport,
} from './report.ts';
export type { ScaleSite } from './scale-sites.ts';
export {
  type GramStatistics,
  gramStatistic,
  type Statistic,
  type StatisticFacts,
  statisticValues,
  type StatisticValues,
  valueOf,
} from './statistic.ts';
export { type TappedGraph, withTaps } from './taps.ts';
export type { RotationSite, TurningOperator } from './turning.ts';
