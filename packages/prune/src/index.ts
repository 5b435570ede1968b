export { magnitude } from './magnitude.ts';
export type { Pattern, PruneConfig } from './pattern.ts';
export { permuteChannels, type PermuteConfig } from './permute-channels.ts';
export { sparseBlocks } from './sparse-blocks.ts';
export { sparseGpt, type SparseGptConfig } from './sparse-gpt.ts';
export { wanda } from './wanda.ts';
