import { checkOptions, positiveInteger } from '../../contract/check-options.ts';
import type { LoadReference } from '../../attention/slots.ts';
import type { Filling } from '../../contract/filling.ts';
import { cacheRows, kvHeadsWgsl } from '../../attention/fillings/cache-rows.ts';

export interface PagedLoadOptions {
  /** Pages of the pool. */
  readonly pages: number;
  /** Tokens of a page. */
  readonly pageSize: number;
  /** Entries that the block table has for each batch row. */
  readonly tableSize: number;
  /** Channels of a row: `head_size` for keys, `value_size` for values. */
  readonly size: number;
}

/**
 * Slot `load_k`, in place of the tensor `k`: keys in pages of a pool that all batch rows share (Kwon et al. 2023, arXiv
 * 2309.06180). `load_k.pool`, f32 or f16 `[pages, kv_heads, page_size, head_size]`; `load_k.pages`, u32 `[batch,
 * table_size]`: key i of a row is token `i % page_size` of page `pages[i / page_size]`. The axis `keys` is
 * `table_size · page_size` or less, the option `lengths` says how many of them there are.
 *
 * Nothing is read out of bounds: entries past the pool read its last page, keys past the table its last entry. Both are
 * mistakes, which `checkBlockTable` finds before the table goes to the device. `pageTable` makes tables; `cacheWrite`
 * writes, the pool being its cache with `batch` as pages and `capacity` as page size.
 *
 * @throws `bad-argument` for a size that is no positive integer.
 */
export const pagedLoadK = (options: PagedLoadOptions): Filling<LoadReference> => pagedLoad('k', options);

/** Slot `load_v`: see {@link pagedLoadK}. The table may be the same tensor. */
export const pagedLoadV = (options: PagedLoadOptions): Filling<LoadReference> => pagedLoad('v', options);

function pagedLoad(tensor: 'k' | 'v', options: PagedLoadOptions): Filling<LoadReference> {
  checkOptions(tensor === 'k' ? 'pagedLoadK' : 'pagedLoadV', options, {
    pages: positiveInteger,
    pageSize: positiveInteger,
    tableSize: positiveInteger,
    size: positiveInteger,
  });
  const { pages, pageSize, tableSize, size } = options;
  return cacheRows({
    id: `paged-${pages}-${pageSize}-${tableSize}`,
    tensor,
    size,
    cache: ['pool', [pages, 'kv_heads', pageSize]],
    bindings: { pages: { shape: ['batch', tableSize], dtype: 'u32' } },
    rowWgsl: (
      slot,
    ) => `  let entry = ${slot}_pages_load(batch * ${tableSize}u + min(index / ${pageSize}u, ${tableSize - 1}u));
  return (min(entry, ${pages - 1}u) * (${kvHeadsWgsl}) + head) * ${pageSize}u + index % ${pageSize}u;`,
    row: ({ batch, head, index }, { tensor: read, axes }) => {
      const place = Math.min(Math.floor(index / pageSize), tableSize - 1);
      const page = Math.min(read('pages')[batch * tableSize + place]!, pages - 1);
      return (page * axes.kv_heads! + head) * pageSize + (index % pageSize);
    },
  });
}
