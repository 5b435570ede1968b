import { checkOptions, positiveInteger, trueOrFalse, optional } from '../../contract/check-options.ts';
import type { LoadReference } from '../slots.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Filling } from '../../contract/filling.ts';
import { keyAddressWgsl, positionIn, positionWgsl, wideAnglesWgsl } from './rotation.ts';

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
 * Slot `load_q`: queries turned by their position while they are read; `load_q.table` `[positions, rotary / 2, 2]`, f32,
 * holds (cos, sin) (Su et al. 2021, arXiv 2104.09864). {@link ropeLoadK} is the same for keys, by their index.
 * Heads of whole multiples of 8 turn fastest. Throws `bad-argument` where channels do not pair.
 */
export const ropeLoadQ = (options: RopeLoadOptions): Filling<LoadReference> => ropeLoad('q', options);

/** Slot `load_k`: see {@link ropeLoadQ}. A key that many tiles of queries read is turned again for each. */
export const ropeLoadK = (options: RopeLoadOptions): Filling<LoadReference> => ropeLoad('k', options);

function ropeLoad(tensor: 'q' | 'k', options: RopeLoadOptions): Filling<LoadReference> {
  checkOptions(tensor === 'q' ? 'ropeLoadQ' : 'ropeLoadK', options, {
    headSize: positiveInteger,
    positions: positiveInteger,
    rotary: optional(positiveInteger),
    interleaved: optional(trueOrFalse),
  });
  const { headSize, positions, rotary = headSize, interleaved = false } = options;
  const wide = headSize % 4 === 0;
  const half = rotary / 2;
  // Halves of whole fragments: a fragment's partners are a fragment too. Neighbours are always in one.
  const aligned = half % (interleaved ? 2 : 4) === 0;
  if (rotary % 2 !== 0 || rotary > headSize)
    throw new TilewrightError('bad-argument', {
      subject: `rope load_${tensor}`,
      problem: `${rotary} of ${headSize} channels are to turn`,
      requirement: `it must be a multiple of 2 and at most the head size, so that pairs turn whole`,
      fix: 'use the kernel rope in front of attention',
    });
  const last = positions - 1;
  const byFragment = wide && aligned;
  const row = `${positionWgsl(tensor, last)} * ${byFragment ? half / 2 : half}u`;
  const turn = !wide ? narrow : !aligned ? straddling : interleaved ? wideNeighbours : wideHalves;
  return {
    id: `rope-${tensor}-${headSize}-${rotary}-${positions}${interleaved ? '-interleaved' : ''}`,
    bindings: { table: { shape: [positions, half, 2], dtype: 'f32', width: byFragment ? 4 : 2 } },
    wgsl: (slot) => `${keyAddressWgsl(slot, tensor)}
fn ${slot}(token: Token, unit: u32) -> qk_fragment {
  let x = ${tensor}_load(token.at + unit);
  if (unit >= ${Math.ceil(rotary / (wide ? 4 : 1))}u) { return x; }
  let row = ${row};
${turn(slot, tensor, half, interleaved)}
}`,
    reference: (place, stored, scope) => {
      const { round } = scope;
      const channels = stored();
      const table = scope.tensor('table').subarray(positionIn(scope, tensor, place, last) * rotary);
      return channels.map((x, c) => {
        if (c >= rotary) return x;
        const pair = interleaved ? c >> 1 : c % half;
        const first = interleaved ? c % 2 === 0 : c < half;
        const other = channels[interleaved ? c ^ 1 : first ? c + half : c - half]!;
        const turned = round(other * table[2 * pair + 1]!);
        return round(round(x * table[2 * pair]!) + (first ? -turned : turned));
      });
    },
  };
}

/** Four channels and their partners in the other half; the table has two pairs of (cos, sin) per fragment. */
const wideHalves = (slot: string, tensor: string, half: number): string => `  let first = unit < ${half / 4}u;
  let other = ${tensor}_load(token.at + select(unit - ${half / 4}u, unit + ${half / 4}u, first));
${wideAnglesWgsl(slot, `row + 2u * (unit % ${half / 4}u)`)}
  return x * cosine + select(other, -other, first) * sine;`;

/** Two pairs of neighbours in a fragment. */
const wideNeighbours = (slot: string): string => `  let turn = ${slot}_table_load(row + unit);
  return x * turn.xxzz + vec4<f32>(-x.y, x.x, -x.w, x.z) * turn.yyww;`;

/** Channels that turn end within a fragment: one by one, the partner from whichever fragment has it. */
const straddling = (
  slot: string,
  tensor: string,
  half: number,
  interleaved: boolean,
): string => `  var turned = x;
  for (var e = 0u; e < 4u; e++) {
    let c = 4u * unit + e;
    if (c < ${2 * half}u) {
      let first = ${interleaved ? 'c % 2u == 0u' : `c < ${half}u`};
      let partner = ${interleaved ? 'c ^ 1u' : `select(c - ${half}u, c + ${half}u, first)`};
      let fragment = ${tensor}_load(token.at + partner / 4u);
      let other = fragment[partner % 4u];
      let turn = ${slot}_table_load(row + ${interleaved ? 'c / 2u' : `c % ${half}u`});
      turned[e] = x[e] * turn.x + select(other, -other, first) * turn.y;
    }
  }
  return turned;`;

const narrow = (slot: string, tensor: string, half: number, interleaved: boolean): string => {
  const first = interleaved ? 'unit % 2u == 0u' : `unit < ${half}u`;
  const step = interleaved ? 1 : half;
  return `  let turn = ${slot}_table_load(row + ${interleaved ? 'unit / 2u' : `unit % ${half}u`});
  let other = ${tensor}_load(token.at + select(unit - ${step}u, unit + ${step}u, ${first}));
  return x * turn.x + select(other, -other, ${first}) * turn.y;`;
};
