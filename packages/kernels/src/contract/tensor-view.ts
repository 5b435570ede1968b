import type { StorageType } from './storage-type.ts';

/** How a contract tensor or a scratch buffer is seen by the WGSL. */
export interface TensorView {
  /** Elements per access: `<name>_load(i)` and `<name>_store(i, v)` count in units of this many. Default 1. */
  readonly width?: 1 | 2 | 4;
  /** Overrides the storage type (weights are u32 words). */
  readonly dtype?: StorageType;
  /** What the WGSL calls it, where a file that several kernels share has its own word; default the contract's name. */
  readonly identifier?: string;
}
