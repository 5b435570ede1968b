import { checkOptions, positiveInteger } from '../../contract/check-options.ts';
import type { LoadReference } from '../slots.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Filling } from '../../contract/filling.ts';
import { keyAddressWgsl, positionIn, positionWgsl, wideAnglesWgsl } from './rotation.ts';

export interface CollinearLoadOptions {
  readonly headSize: number;
  /** Rows of the table. */
  readonly positions: number;
}

/**
 * Slot `load_q`: collinear constrained attention, score Σ |q_j|² t_j cos((m - n) θ_j) over pairs j = (j, j + half) of a query
 * at m and a key t at n (CoCA; Zhu et al. 2023, arXiv 2309.08646). The query gives |q_j|² times cos and sin of mθ, and the
 * key (with {@link collinearLoadK}) relu(t_j) times those of nθ. `load_q.table` is rope's, `[positions, head_size / 2, 2]`.
 *
 * Heads of whole multiples of 8 are fastest.
 *
 * @throws `bad-argument` for an odd head size.
 */
export const collinearLoadQ = (options: CollinearLoadOptions): Filling<LoadReference> =>
  collinearLoad('q', options);

/** Slot `load_k`: see {@link collinearLoadQ}. Only the first half of a stored key is read. */
export const collinearLoadK = (options: CollinearLoadOptions): Filling<LoadReference> =>
  collinearLoad('k', options);

function collinearLoad(tensor: 'q' | 'k', options: CollinearLoadOptions): Filling<LoadReference> {
  const name = tensor === 'q' ? 'collinearLoadQ' : 'collinearLoadK';
  checkOptions(name, options, { headSize: positiveInteger, positions: positiveInteger });
  const { headSize, positions } = options;
  const vectors = headSize % 4 === 0;
  const wide = headSize % 8 === 0;
  if (headSize % 2 !== 0)
    throw new TilewrightError('bad-argument', {
      subject: `collinear load_${tensor}`,
      problem: `a head of ${headSize} channels`,
      requirement: 'channels pair up, the first half with the second',
      fix: 'pad the heads',
    });
  const half = headSize / 2;
  const units = half / (wide ? 4 : 1);
  const last = positions - 1;
  const row = positionWgsl(tensor, last);
  const anglesWgsl = (slot: string): string =>
    wide
      ? wideAnglesWgsl(slot, `${row} * ${half / 2}u + 2u * pair`)
      : `  let turn = ${slot}_table_load(${row} * ${half}u + pair);
  let cosine = turn.x;
  let sine = turn.y;`;
  const strength =
    tensor === 'q'
      ? `  let x = q_load(token.at + pair);
  let y = q_load(token.at + pair + ${units}u);
  let strength = x * x + y * y;`
      : `  let x = k_load(token.at + pair);
  let strength = ${positive(wide ? 'vec4<u32>' : 'u32')};`;
  return {
    id: `collinear-${tensor}-${headSize}-${positions}`,
    bindings: { table: { shape: [positions, half, 2], dtype: 'f32', width: wide ? 4 : 2 } },
    wgsl: (slot) =>
      vectors && !wide
        ? straddling(slot, tensor, half, row)
        : `${keyAddressWgsl(slot, tensor)}
fn ${slot}(token: Token, unit: u32) -> qk_fragment {
  let pair = unit % ${units}u;
${strength}
${anglesWgsl(slot)}
  return strength * select(sine, cosine, unit < ${units}u);
}`,
    reference: (place, stored, scope) => {
      const { round } = scope;
      const channels = stored();
      const table = scope.tensor('table').subarray(positionIn(scope, tensor, place, last) * headSize);
      return channels.map((_, c) => {
        const pair = c % half;
        const [x, y] = [channels[pair]!, channels[pair + half]!];
        const strength = tensor === 'q' ? round(round(x * x) + round(y * y)) : Math.max(x, 0);
        return round(strength * table[2 * pair + (c < half ? 0 : 1)]!);
      });
    },
  };
}

/** `x` where it is positive, else 0; NaN stays NaN. */
const positive = (bits: string): string =>
  `select(max(x, qk_fragment(0.0)), x, (bitcast<${bits}>(x) & ${bits}(0x7fffffffu)) > ${bits}(0x7f800000u))`;

/** Halves that end within a fragment: channel by channel. */
const straddling = (slot: string, tensor: 'q' | 'k', half: number, row: string): string =>
  `${keyAddressWgsl(slot, tensor)}
fn ${slot}_channel(token: Token, c: u32) -> f32 {
  let fragment = ${tensor}_load(token.at + c / 4u);
  return fragment[c % 4u];
}
fn ${slot}(token: Token, unit: u32) -> qk_fragment {
  let row = ${row} * ${half}u;
  var result: qk_fragment;
  for (var e = 0u; e < 4u; e++) {
    let c = 4u * unit + e;
    let pair = c % ${half}u;
    let x = ${slot}_channel(token, pair);
${
  tensor === 'q'
    ? `    let y = ${slot}_channel(token, pair + ${half}u);
    let strength = x * x + y * y;`
    : '    let strength = keep_nan(x, max(x, 0.0));'
}
    let turn = ${slot}_table_load(row + pair);
    result[e] = strength * select(turn.y, turn.x, c < ${half}u);
  }
  return result;
}`;
