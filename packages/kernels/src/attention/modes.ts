import type { AttentionModes } from './contract.ts';
import packedWgsl from './packed.wgsl';
import { validateExtents } from './validate-extents.ts';
import walkListedWgsl from './walk-listed.wgsl';

/** Whatever the options of the contract say. */
export const everyMode: AttentionModes = {
  packed: packedWgsl,
  listed: walkListedWgsl,
  validate: validateExtents,
};

/** Rows of one size, over all keys: what a page without the others ships. */
export const plainMode: AttentionModes = {};
