// Lists of blocks for the option `blocks: 'listed'` of the attention kernels: which blocks of keys a block of queries walks over.
import {
  callback,
  checkOptions,
  having,
  positiveInteger,
  listOf,
  nonNegativeInteger,
  optional,
} from '../contract/check-options.ts';
import { anyPattern, bandBlocks, type BlockPattern, randomBlocks } from './fillings/block-patterns.ts';

/** The tensors `block_starts` and `block_keys` of the attention kernels. */
export interface BlockLists {
  /** `[lists + 1]`: where each list begins in `keys`, and where the last one ends. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** `[listed]`: the key blocks of all lists, ascending in each; one entry that no list has where there is none. */
  readonly keys: Uint32Array<ArrayBuffer>;
}

/** Writes patterns down as lists: one pattern for all heads, or (with `block_heads`) one for each, head 0 first. */
export function blockLists(
  size: { readonly queryBlocks: number; readonly keyBlocks: number },
  ...heads: readonly [BlockPattern, ...BlockPattern[]]
): BlockLists {
  checkOptions('blockLists', size, { queryBlocks: positiveInteger, keyBlocks: positiveInteger });
  const starts = [0];
  const keys: number[] = [];
  for (const sees of heads)
    for (let query = 0; query < size.queryBlocks; query++) {
      for (let key = 0; key < size.keyBlocks; key++) if (sees(query, key)) keys.push(key);
      starts.push(keys.length);
    }
  return { starts: Uint32Array.from(starts), keys: Uint32Array.from(keys.length > 0 ? keys : [0]) };
}

/** These blocks see all and are seen by all. */
const globalBlocksAt = (blocks: readonly number[]): BlockPattern => {
  const chosen = new Set(blocks);
  return (query, key) => chosen.has(query) || chosen.has(key);
};

/** A window of `radius` blocks on either side, and global blocks (Longformer; Beltagy et al. 2020, arXiv 2004.05150). */
export const longformerBlocks = (radius: number, globals: readonly number[]): BlockPattern =>
  anyPattern(bandBlocks(radius), globalBlocksAt(globals));

/** Longformer's, and `random` blocks for each query block, drawn with `seed` (BigBird; Zaheer et al. 2020, arXiv 2007.14062). */
export function bigBirdBlocks(options: {
  readonly radius: number;
  readonly globals: readonly number[];
  readonly random: number;
  readonly keyBlocks: number;
  readonly seed?: number;
}): BlockPattern {
  checkOptions('bigBirdBlocks', options, {
    radius: nonNegativeInteger,
    globals: listOf(nonNegativeInteger),
    random: nonNegativeInteger,
    keyBlocks: positiveInteger,
    seed: optional(nonNegativeInteger),
  });
  const { radius, globals, random, keyBlocks, seed = 1 } = options;
  return anyPattern(longformerBlocks(radius, globals), randomBlocks(random, keyBlocks, seed));
}

/**
 * The last `stride` blocks, and every `stride`-th before (Sparse Transformer's strided pattern; Child et al. 2019,
 * arXiv 1904.10509). Nothing later than the query.
 */
export function sparseStridedBlocks(stride: number): BlockPattern {
  checkOptions('sparseStridedBlocks', { stride }, { stride: positiveInteger });
  return (query, key) => key <= query && (query - key < stride || (query - key) % stride === 0);
}

/** Blocks in the same run of `stride`, and the last `columns` of every run (its fixed pattern). Nothing later than the query. */
export function sparseFixedBlocks(stride: number, columns = 1): BlockPattern {
  checkOptions(
    'sparseFixedBlocks',
    { stride, columns },
    { stride: positiveInteger, columns: nonNegativeInteger },
  );
  return (query, key) =>
    key <= query &&
    (Math.floor(key / stride) === Math.floor(query / stride) || key % stride >= stride - columns);
}

/**
 * Series of `inner` blocks, one after the other: a block sees what `sees` lets it within a series, of the series that its
 * own depends on (a Kronecker product of masks; Timer-XL, Liu et al. 2024, arXiv 2410.04803).
 */
export function kroneckerBlocks(
  dependencies: readonly (readonly boolean[])[],
  inner: number,
  sees: BlockPattern,
): BlockPattern {
  checkOptions(
    'kroneckerBlocks',
    { dependencies, inner, sees },
    {
      dependencies: listOf(having('a list of true and false', 'length')),
      inner: positiveInteger,
      sees: callback,
    },
  );
  return (query, key) =>
    dependencies[Math.floor(query / inner)]?.[Math.floor(key / inner)] === true &&
    sees(query % inner, key % inner);
}
