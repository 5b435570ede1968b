import type { CacheFormat, CacheSizes, CacheStep, Node, ValueType } from '../ir.ts';
import { cacheStore } from '../operators/cache/cache-store.ts';

/** A section of keys and one of values, `[rows, heads, capacity, size]`. */
export const keyAndValue = (
  { rows, heads, keySize, valueSize, dtype }: CacheSizes,
  capacity: number,
): Readonly<Record<'key' | 'value', ValueType>> => ({
  key: { dtype, shape: [rows, heads, capacity, keySize] },
  value: { dtype, shape: [rows, heads, capacity, valueSize] },
});

/** Writes keys and values to the rows that `places` names. */
export function storeBoth(
  { name, sections, K, V }: CacheStep & { readonly K: string; readonly V: string },
  places: string,
): ReturnType<CacheFormat['append']> {
  const store = (section: 'key' | 'value', update: string): Node => ({
    name: `${name}.${section}`,
    operator: cacheStore,
    inputs: { past: sections[section]!, update, places },
    outputs: { present: `${name}.${section}.present` },
    attributes: {},
  });
  const nodes = [store('key', K), store('value', V)] as const;
  return {
    nodes,
    sections: { key: nodes[0].outputs.present!, value: nodes[1].outputs.present! },
  };
}
