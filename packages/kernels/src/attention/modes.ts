import packedWgsl from './packed.wgsl';
import walkListedWgsl from './walk-listed.wgsl';

/** Texts of what not every caller's batches are. */
export interface AttentionModes {
  /** Batch rows of any size, one after the other. */
  readonly packed?: string;
  /** Blocks of keys by list. */
  readonly listed?: string;
}

/** Whatever the options of the contract say. */
export const everyMode: AttentionModes = { packed: packedWgsl, listed: walkListedWgsl };

/** Rows of one size, over all keys: what a page without the others ships. */
export const plainMode: AttentionModes = {};
