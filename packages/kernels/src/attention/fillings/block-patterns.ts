// Which blocks of keys a block of queries sees: tables of `blockMask` for the known sparse patterns.
import {
  callback,
  checkOptions,
  listOf,
  nonNegativeInteger,
  type OptionKind,
  positiveInteger,
} from '../../contract/check-options.ts';
import { philox4x32 } from '../../numbers/philox.ts';

const patterns: OptionKind = {
  what: 'one pattern or more',
  accepts: (value) => (value as []).length > 0 && listOf(callback).accepts(value),
};
const iterable: OptionKind = {
  what: 'a list',
  accepts: (value) =>
    typeof (value as Set<number> | undefined)?.[Symbol.iterator] === 'function' && typeof value === 'object',
};
const listsOfNumbers: OptionKind = {
  ...listOf(listOf(nonNegativeInteger)),
  what: 'a list of lists of numbers',
};

/** Whether a block of queries sees a block of keys. */
export type BlockPattern = (query: number, key: number) => boolean;

/** The table of `blockMask`, u32 `[1, queryBlocks, keyBlocks]`, or of a pattern for each head, `[heads, queryBlocks, keyBlocks]`. */
export function blockTable(
  size: { readonly queryBlocks: number; readonly keyBlocks: number },
  ...heads: readonly [BlockPattern, ...BlockPattern[]]
): Uint32Array<ArrayBuffer> {
  checkOptions('blockTable', size, { queryBlocks: positiveInteger, keyBlocks: positiveInteger });
  checkOptions('blockTable', { heads }, { heads: patterns });
  const { queryBlocks, keyBlocks } = size;
  const each = queryBlocks * keyBlocks;
  return Uint32Array.from({ length: heads.length * each }, (_, i) =>
    heads[Math.floor(i / each)]!(Math.floor((i % each) / keyBlocks), i % keyBlocks) ? 1 : 0,
  );
}

/** What any of them sees: Longformer (2004.05150) is a band and global blocks, BigBird (2007.14062) random ones besides. */
export function anyPattern(...some: readonly BlockPattern[]): BlockPattern {
  checkOptions('anyPattern', { patterns: some }, { patterns });
  return (query, key) => some.some((sees) => sees(query, key));
}

/** What it leaves out. */
export function otherBlocks(sees: BlockPattern): BlockPattern {
  checkOptions('otherBlocks', { sees }, { sees: callback });
  return (query, key) => !sees(query, key);
}

/** Those of these numbers, query · keyBlocks + key: what `top-k` finds in a matrix of scores of blocks. */
export function chosenBlocks(numbers: Iterable<number>, keyBlocks: number): BlockPattern {
  checkOptions('chosenBlocks', { numbers, keyBlocks }, { numbers: iterable, keyBlocks: positiveInteger });
  const chosen = new Set(numbers);
  return (query, key) => chosen.has(query * keyBlocks + key);
}

/** By lists: the key blocks of each query block. */
export function listedBlocks(lists: readonly (readonly number[])[]): BlockPattern {
  checkOptions('listedBlocks', { lists }, { lists: listsOfNumbers });
  return (query, key) => lists[query]?.includes(key) ?? false;
}

/** `radius` blocks on either side, `step` apart (1: a band; more: dilated). */
export function bandBlocks(radius: number, step = 1): BlockPattern {
  checkOptions('bandBlocks', { radius, step }, { radius: nonNegativeInteger, step: positiveInteger });
  return (query, key) => (key - query) % step === 0 && Math.abs(key - query) <= radius * step;
}

/** The `first` blocks see all and are seen by all. */
export function globalBlocks(first: number): BlockPattern {
  checkOptions('globalBlocks', { first }, { first: nonNegativeInteger });
  return (query, key) => query < first || key < first;
}

/** The last block of every `stride`, seen by all (Sparse Transformer's fixed pattern, arXiv 1904.10509). */
export function stridedBlocks(stride: number): BlockPattern {
  checkOptions('stridedBlocks', { stride }, { stride: positiveInteger });
  return (_, key) => key % stride === stride - 1;
}

/** So many `blocks` of `keyBlocks` for each query block, drawn with `seed`; all where there are no more. */
export function randomBlocks(blocks: number, keyBlocks: number, seed = 1): BlockPattern {
  checkOptions(
    'randomBlocks',
    { blocks, keyBlocks, seed },
    { blocks: nonNegativeInteger, keyBlocks: positiveInteger, seed: nonNegativeInteger },
  );
  const drawn = new Map<number, ReadonlySet<number>>();
  const draw = (query: number): ReadonlySet<number> => {
    const order = Array.from({ length: keyBlocks }, (_, key) => key);
    const word = (key: number): number => philox4x32([key, query, 0, 0], [seed, 0])[0]!;
    return new Set(order.sort((a, b) => word(a) - word(b) || a - b).slice(0, blocks));
  };
  return (query, key) => {
    const own = drawn.get(query) ?? draw(query);
    drawn.set(query, own);
    return own.has(key);
  };
}
