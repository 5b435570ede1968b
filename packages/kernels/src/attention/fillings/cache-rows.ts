// Caches whose rows do not lie in the order of their positions: what the fillings that read them share.
import type { FillingScope, LoadReference, RowPlace } from '../slots.ts';
import type { Filling, FillingBinding } from '../../contract/filling.ts';

/** WGSL of the number of heads that keys and values have. */
export const kvHeadsWgsl = 'HEADS / GROUP';

/** The fragment type of a slot, and the channels in one: those of the attention kernels for rows of this size. */
export const fragmentOf = (
  tensor: 'k' | 'v',
  size: number,
): { readonly type: string; readonly width: 1 | 4 } => ({
  type: tensor === 'k' ? 'qk_fragment' : 'v_fragment',
  width: size % 4 === 0 ? 4 : 1,
});

interface CacheRows {
  readonly id: string;
  readonly tensor: 'k' | 'v';
  /** Channels of a row. */
  readonly size: number;
  /** The binding that holds rows of channels, and its shape without them. */
  readonly cache: readonly [name: string, shape: FillingBinding['shape']];
  /** Other bindings. */
  readonly bindings?: Filling['bindings'];
  /** Statements that end with `return` and the row, of `batch`, `head` and `index`. */
  readonly rowWgsl: (slot: string) => string;
  readonly row: (place: RowPlace, scope: FillingScope) => number;
}

/** A filling that reads whole rows of a tensor of its own, in place of `k` or `v`. */
export function cacheRows({
  id,
  tensor,
  size,
  cache,
  bindings,
  rowWgsl,
  row,
}: CacheRows): Filling<LoadReference> {
  const [name, shape] = cache;
  const { type, width } = fragmentOf(tensor, size);
  return {
    id: `${id}-${size}`,
    omits: [tensor],
    bindings: { [name]: { shape: [...shape, size], dtype: 'float', width }, ...bindings },
    wgsl: (slot) => `fn ${slot}_row(batch: u32, head: u32, index: u32) -> u32 {
${rowWgsl(slot)}
}
fn ${slot}_at(batch: u32, head: u32, index: u32) -> u32 { return ${slot}_row(batch, head, index) * ${size / width}u; }
fn ${slot}(token: Token, unit: u32) -> ${type} { return ${slot}_${name}_load(token.at + unit); }`,
    reference: (place, _, scope) => {
      const at = row(place, scope) * size;
      return scope.tensor(name).subarray(at, at + size);
    },
  };
}
