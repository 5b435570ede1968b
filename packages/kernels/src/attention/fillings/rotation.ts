// What fillings that turn queries and keys share: places in the table of angles, which is rope's
// (`[positions, rotary / 2, 2]`, cos and sin).
import type { FillingScope, RowPlace } from '../slots.ts';

type Turned = 'q' | 'k';

/** The row of the table: a query's position among the keys, a key's index. */
export const positionWgsl = (tensor: Turned, last: number): string =>
  `min(u32(${tensor === 'q' ? 'max(query_position(token.batch, token.index), 0i)' : 'token.index'}), ${last}u)`;

export const positionIn = (
  { positionOf }: FillingScope,
  tensor: Turned,
  { batch, index }: RowPlace,
  last: number,
): number => Math.min(tensor === 'q' ? Math.max(positionOf(batch, index), 0) : index, last);

/** The address function that `load_k` owes; nothing for queries. */
export const keyAddressWgsl = (slot: string, tensor: Turned): string =>
  tensor === 'q'
    ? ''
    : `fn ${slot}_at(batch: u32, head: u32, index: u32) -> u32 { return k_at(batch, head, index); }`;

/** `cosine` and `sine` of four pairs; the table has two pairs per fragment. */
export const wideAnglesWgsl = (slot: string, at: string): string => `  let low = ${slot}_table_load(${at});
  let high = ${slot}_table_load(${at} + 1u);
  let cosine = vec4<f32>(low.xz, high.xz);
  let sine = vec4<f32>(low.yw, high.yw);`;
