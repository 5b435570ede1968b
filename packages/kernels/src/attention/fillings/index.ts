export { foldBilinear } from './bilinear.ts';
export { blockMask } from './block-mask.ts';
export {
  anyPattern,
  bandBlocks,
  type BlockPattern,
  blockTable,
  chosenBlocks,
  globalBlocks,
  listedBlocks,
  otherBlocks,
  randomBlocks,
  stridedBlocks,
} from './block-patterns.ts';
export { bothMasks } from './both-masks.ts';
export { type CollinearLoadOptions, collinearLoadK, collinearLoadQ } from './collinear.ts';
export { unitLoadK, unitLoadQ } from './cosine.ts';
export { gatedOutput, headGate } from './gate.ts';
export { type Grid, gridBias, logSpacedOffsets } from './grid-bias.ts';
export { keyCounts } from './key-counts.ts';
export { kroneckerMask } from './kronecker-mask.ts';
export { allKeys, type KeyLists, listedKeys } from './listed-keys.ts';
export { cachedKeys, layerSchedule, type LayerScheduleOptions, type LayerSpan } from './layer-schedule.ts';
export { type MaskShape, maskShapeOf } from './mask-shape.ts';
export { documentMask, prefixMask } from './masks.ts';
export { neighbourhood, type NeighbourhoodOptions } from './neighbourhood.ts';
export { priorFittedMask } from './prior-fitted-mask.ts';
export { queryBias } from './query-bias.ts';
export { relativeBias, relativeFactor } from './relative-bias.ts';
export { relativeProduct, type RelativeProductOptions } from './relative-product.ts';
export { ropeLoadK, ropeLoadQ, type RopeLoadOptions } from './rope.ts';
export { alibi, headTemperature, leakyReluScore, scoreClamp, scoresInTurn } from './scores.ts';
export { sentinelMask, sentinelSpans } from './sentinel-mask.ts';
export { shiftedWindowMask, type ShiftedWindowMaskOptions } from './shifted-window-mask.ts';
export { additiveSimilarity, type AdditiveSimilarityOptions, gaussianSimilarity } from './similarities.ts';
export { t5BiasTable, t5Bucket, type T5Buckets } from './t5-buckets.ts';
export { additiveMask, booleanMask } from './tensor-masks.ts';
export { treeAncestors, treeMask, type TreeMaskOptions } from './tree-mask.ts';
export { variateBias } from './variate-bias.ts';
export { exponentialWeight, sigmoidWeight, sinkSoftmax, squaredReluWeight } from './weights.ts';
export { xposTables, type XposOptions } from './xpos.ts';
