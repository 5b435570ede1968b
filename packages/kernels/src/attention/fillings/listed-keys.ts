import { checkOptions, oneOf, trueOrFalse, optional } from '../../contract/check-options.ts';
import type { SelectFilling } from '../select.ts';
import type { RowPlace } from '../slots.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Sizes } from '../../contract/extent.ts';

/** Which axes lists of keys have; queries that an axis leaves together share a list. */
export interface KeyLists {
  /** Default true. */
  readonly batch?: boolean;
  /** Lists of each query head (the default), of each key/value head, or the same for all. */
  readonly heads?: 'heads' | 'kv_heads' | 1;
  /** Default true. */
  readonly queries?: boolean;
}

/**
 * Slot `select`: lists, `select.keys` u32 `[batch | 1, heads | kv_heads | 1, queries | 1, selected]`. 4294967295 is no key, and so
 * is any number that is not below the valid length of the batch row: it is never read. A key listed twice counts twice.
 */
export function listedKeys(options: KeyLists = {}): SelectFilling {
  checkOptions('listedKeys', options, {
    batch: optional(trueOrFalse),
    heads: optional(oneOf('heads', 'kv_heads', 1)),
    queries: optional(trueOrFalse),
  });
  const { batch = true, heads = 'heads', queries = true } = options;
  const head = { heads: 'row.head', kv_heads: 'row.head / GROUP', 1: '0u' }[heads];
  const count = { heads: 'HEADS', kv_heads: '(HEADS / GROUP)', 1: '1u' }[heads];
  const list = `(${batch ? 'row.batch' : '0u'} * ${count} + ${head}) * ${queries ? 'params.queries + row.index' : '1u'}`;
  return {
    id: `listed-keys-${batch ? 'b' : ''}-${heads}-${queries ? 'q' : ''}`,
    bindings: {
      keys: { shape: [batch ? 'batch' : 1, heads, queries ? 'queries' : 1, 'selected'], dtype: 'u32' },
    },
    wgsl: (slot) =>
      `fn ${slot}_key(row: Token, place: u32) -> u32 { return ${slot}_keys_load((${list}) * params.selected + place); }`,
    reference: (row, place, { tensor, axes }) => {
      const lists = heads === 1 ? 1 : axes[heads]!;
      const own = heads === 1 ? 0 : Math.floor((row.head * lists) / axes.heads!);
      const first = (batch ? row.batch : 0) * lists + own;
      return tensor('keys')[(queries ? first * axes.queries! + row.index : first) * axes.selected! + place]!;
    },
  };
}

/** Slot `select`: every key, in order; the axis `selected` is that of the keys. For a few queries, `rows: 'chosen'`. */
export const allKeys: SelectFilling = /* @__PURE__ */ Object.freeze({
  id: 'all-keys',
  demand: (subject: string, { selected, keys }: Sizes) => {
    if (selected === keys) return;
    throw new TilewrightError('bad-shape', {
      subject,
      problem: `${keys} keys are all to be seen; the axis 'selected' is ${selected}`,
      requirement: 'the axis counts the keys of a query',
      fix: `give axes.selected as ${keys}`,
    });
  },
  wgsl: (slot: string) => `fn ${slot}_key(row: Token, place: u32) -> u32 { return place; }`,
  reference: (_: RowPlace, place: number) => place,
});
