// What callers of the attention kernels need on the host: lists of blocks, where packed batch rows begin.
export {
  bigBirdBlocks,
  blockLists,
  type BlockLists,
  kroneckerBlocks,
  longformerBlocks,
  sparseFixedBlocks,
  sparseStridedBlocks,
} from './block-lists.ts';
export { checkBlockLists } from './check-block-lists.ts';
export { checkLengths, packedStarts } from './packed-starts.ts';
export { treeSegments, type TreeSegments, type TreeSegmentsOptions } from './tree-segments.ts';
export {
  windowOrder,
  type WindowOptions,
  type WindowOrder,
  type WindowOrderOptions,
} from '../memory/windows.ts';
export type { MaskReference, PairPlace, ScoreReference } from './slots.ts';
