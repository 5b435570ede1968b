// What callers of the attention kernels need on the host: lists of blocks, and where packed batch rows begin.
export {
  bigBirdBlocks,
  blockLists,
  type BlockLists,
  kroneckerBlocks,
  longformerBlocks,
  sparseFixedBlocks,
  sparseStridedBlocks,
} from './block-lists.ts';
export { checkLengths, packedStarts } from './packed-starts.ts';
