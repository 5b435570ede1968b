import { checkOptions, positiveInteger, optional } from '../../contract/check-options.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { Filling } from '../../contract/filling.ts';
import type { EpilogueReference } from './slots.ts';

export interface RopeCacheOptions {
  /** Query heads. */
  readonly heads: number;
  /** Key and value heads. */
  readonly kvHeads: number;
  /** A multiple of 4. */
  readonly headSize: number;
  /** Leading dimensions of a head that rotate; a multiple of 4, default all. */
  readonly rotary?: number;
  /** Rows of the cache per sequence and head. */
  readonly capacity: number;
  /** Rows of the table of cosines and sines; default `capacity`. */
  readonly positions?: number;
}

/**
 * Rotates and stores the merged projection of queries, keys and values: columns are `[heads · D | kvHeads · D |
 * kvHeads · D]`. Rows of Wq and Wk come permuted within each head, so that the two dimensions that rotate together
 * (i and i + rotary / 2 in a half-split model) are columns 2i and 2i + 1; scores do not change by that.
 *
 * Bindings: `cos_sin` f32 `[positions, rotary / 2, 2]`; `positions` u32 `[batch, m, 2]`, of each row its rope position
 * and the cache row it is written to; out `q` `[batch, m, heads · D]`; in-out `k` and `v` `[batch, kvHeads, capacity,
 * D]`, where cache row `sequence · capacity + position` is row `position` of each head of that sequence. `y` is not
 * written. Positions and cache rows are the caller's responsibility: they are not checked on the GPU.
 *
 * @throws `bad-argument` for a head size or rotary size that is not a multiple of 4.
 */
export function ropeCacheEpilogue(options: RopeCacheOptions): Filling<EpilogueReference> {
  checkOptions('ropeCacheEpilogue', options, {
    heads: positiveInteger,
    kvHeads: positiveInteger,
    headSize: positiveInteger,
    rotary: optional(positiveInteger),
    capacity: positiveInteger,
    positions: optional(positiveInteger),
  });
  const { heads, kvHeads, headSize, capacity } = options;
  const rotary = options.rotary ?? headSize;
  if (headSize % 4 !== 0 || rotary % 4 !== 0 || rotary > headSize)
    throw new TilewrightError('bad-argument', {
      subject: 'ropeCacheEpilogue',
      problem: `head size ${headSize} with ${rotary} rotating dimensions`,
      requirement:
        'both are multiples of 4, because four columns are stored at a time, and no more rotate than there are',
    });
  const cache = {
    shape: ['batch', kvHeads, capacity, headSize],
    dtype: 'float',
    width: 4,
    role: 'in-out',
  } as const;
  return {
    id: `rope-cache-${heads}-${kvHeads}-${headSize}-${rotary}-${capacity}`,
    bindings: {
      cos_sin: { shape: [options.positions ?? capacity, rotary / 2, 2], dtype: 'f32', width: 4 },
      positions: { shape: ['batch', 'm', 2], dtype: 'u32', width: 2 },
      q: { shape: ['batch', 'm', heads * headSize], dtype: 'float', width: 4, role: 'output' },
      k: cache,
      v: cache,
    },
    omits: ['y'],
    wgsl: (slot) => `fn ${slot}(row: u32, column: u32, v: vec4<f32>) {
  let head = column / ${headSize}u;
  let within = column % ${headSize}u;
  let position = ${slot}_positions_load(row);
  var turned = v;
  if (head < ${heads + kvHeads}u && within < ${rotary}u) {
    let t = ${slot}_cos_sin_load(position.x * ${rotary / 4}u + within / 4u);
    turned = vec4<f32>(
      v.x * t.x - v.y * t.y,
      v.y * t.x + v.x * t.y,
      v.z * t.z - v.w * t.w,
      v.w * t.z + v.z * t.w,
    );
  }
  if (head < ${heads}u) {
    ${slot}_q_store((row * ${heads * headSize}u + column) / 4u, turned);
    return;
  }
  let sequence = position.y / ${capacity}u;
  let kv_head = (head - ${heads}u) % ${kvHeads}u;
  let cache_row = (sequence * ${kvHeads}u + kv_head) * ${capacity}u + position.y % ${capacity}u;
  let at = cache_row * ${headSize / 4}u + within / 4u;
  if (head < ${heads + kvHeads}u) { ${slot}_k_store(at, turned); } else { ${slot}_v_store(at, turned); }
}`,
    reference: ({ y, rows, columns, inputs, round }) => {
      const q = new Float64Array(rows * heads * headSize);
      const [k, v] = [inputs.k!.slice(), inputs.v!.slice()];
      for (let row = 0; row < rows; row++) {
        const [position, cacheRow] = [inputs.positions![2 * row]!, inputs.positions![2 * row + 1]!];
        const sequence = Math.floor(cacheRow / capacity);
        for (let head = 0; head < heads + 2 * kvHeads; head++) {
          const values = y.slice(row * columns + head * headSize, row * columns + (head + 1) * headSize);
          if (head < heads + kvHeads) rotate(values, inputs.cos_sin!, position, rotary, round);
          if (head < heads) {
            q.set(values, (row * heads + head) * headSize);
            continue;
          }
          const kvHead = (head - heads) % kvHeads;
          const at = ((sequence * kvHeads + kvHead) * capacity + (cacheRow % capacity)) * headSize;
          (head < heads + kvHeads ? k : v).set(values, at);
        }
      }
      return { 'epilogue.q': q, 'epilogue.k': k, 'epilogue.v': v };
    },
  };
}

function rotate(
  values: Float64Array,
  table: Float64Array,
  position: number,
  rotary: number,
  round: (value: number) => number,
): void {
  for (let i = 0; i < rotary; i += 2) {
    const [cos, sin] = [table[position * rotary + i]!, table[position * rotary + i + 1]!];
    const [x, y] = [values[i]!, values[i + 1]!];
    values[i] = round(round(x * cos) - round(y * sin));
    values[i + 1] = round(round(y * cos) + round(x * sin));
  }
}
