export { applyRecipe, isLinearWeight, type ApplyOptions, type CompressionProgress } from './apply-recipe.ts';
export { checkOption } from './check-option.ts';
export { compensatedSweep, type SweepInput } from './compensated-sweep.ts';
export { factorGram, requiredGram, type FactoredGram, type FactorOptions } from './gram.ts';
export { floatMatrix, type FloatMatrix } from './float-matrix.ts';
export { relativeOutputError } from './output-error.ts';
export { compose, type GramStatistics, type Recipe, type RecipeInput, type Statistics } from './recipe.ts';
export { compressTensor, summarize, type CompressionReport, type LayerReport } from './report.ts';
