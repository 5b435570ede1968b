import type { FillingScope, LoadReference, RowPlace } from '../../attention/slots.ts';
import type { Filling } from '../../core/filling.ts';

export interface RopeLoadOptions {
  readonly headSize: number;
  /** Rows of the table. */
  readonly positions: number;
  /** Leading channels that turn; even. Default: all. */
  readonly rotary?: number;
  /** Pairs are neighbours (2i, 2i+1) instead of (i, i + rotary/2). */
  readonly interleaved?: boolean;
}

/**
 * Slot `load_q`: queries turned by their position while they are read; `load_q.table` `[positions, rotary / 2, 2]` holds
 * (cos, sin) (Su et al. 2021, arXiv 2104.09864). {@link ropeLoadK} is the same for keys, by their index.
 */
export const ropeLoadQ = (options: RopeLoadOptions): Filling<LoadReference> => ropeLoad('q', options);

/** Slot `load_k`: see {@link ropeLoadQ}. A key that many queries read is turned again for each tile of them. */
export const ropeLoadK = (options: RopeLoadOptions): Filling<LoadReference> => ropeLoad('k', options);

function ropeLoad(tensor: 'q' | 'k', { headSize, positions, rotary = headSize, interleaved = false }: RopeLoadOptions): Filling<LoadReference> {
  const half = rotary / 2;
  const wide = headSize % 4 === 0;
  const last = positions - 1;
  const position = tensor === 'q' ? 'max(position_of(token.index, length_of(token.batch)), 0i)' : 'i32(token.index)';
  const channel = (slot: string): string => {
    const partner = interleaved ? 'c ^ 1u' : `select(c - ${half}u, c + ${half}u, c < ${half}u)`;
    const element = wide
      ? `fn ${slot}_element(at: u32, c: u32) -> f32 { return ${tensor}_load(at + c / 4u)[c % 4u]; }`
      : `fn ${slot}_element(at: u32, c: u32) -> f32 { return ${tensor}_load(at + c); }`;
    return `${element}
fn ${slot}_turned(token: Token, c: u32) -> f32 {
  let x = ${slot}_element(token.at, c);
  if (c >= ${rotary}u) { return x; }
  let place = min(u32(${position}), ${last}u);
  let turn = ${slot}_table_load(place * ${half}u + ${interleaved ? 'c / 2u' : `c % ${half}u`});
  let other = ${slot}_element(token.at, ${partner});
  return x * turn.x + select(other, -other, ${interleaved ? 'c % 2u == 0u' : `c < ${half}u`}) * turn.y;
}`;
  };
  return {
    id: `rope-${tensor}-${headSize}-${rotary}-${positions}${interleaved ? '-interleaved' : ''}`,
    bindings: { table: { shape: [positions, half, 2], dtype: 'f32', width: 2 } },
    wgsl: (slot) => `${channel(slot)}
${tensor === 'k' ? `fn ${slot}_at(batch: u32, head: u32, index: u32) -> u32 { return k_at(batch, head, index); }` : ''}
fn ${slot}(token: Token, unit: u32) -> qk_fragment {
  ${
    wide
      ? `let c = 4u * unit;
  return vec4<f32>(${slot}_turned(token, c), ${slot}_turned(token, c + 1u), ${slot}_turned(token, c + 2u), ${slot}_turned(token, c + 3u));`
      : `return ${slot}_turned(token, unit);`
  }
}`,
    reference: (place, stored, scope) => {
      const row = stored();
      const at = tensor === 'q' ? Math.max(queryPosition(place, scope), 0) : place.index;
      const table = scope.tensor('table').subarray(Math.min(at, last) * rotary);
      return row.map((x, c) => {
        if (c >= rotary) return x;
        const pair = interleaved ? c >> 1 : c % half;
        const first = interleaved ? c % 2 === 0 : c < half;
        const other = row[interleaved ? c ^ 1 : first ? c + half : c - half]!;
        const turned = scope.round(other * table[2 * pair + 1]!);
        return scope.round(scope.round(x * table[2 * pair]!) + (first ? -turned : turned));
      });
    },
  };
}

const queryPosition = ({ batch, index }: RowPlace, scope: FillingScope): number => scope.positionOf(batch, index);
