interface UnrolledTile {
  /** Rows of a tile, four columns wide. */
  readonly rows: number;
  /** Products at once, each with rows of the weight of its own. */
  readonly parts: number;
  /** Whether something is gathered of each row of `a`. */
  readonly observes: boolean;
  /** Blocks of the weight are single quads, which need no loop of their own. */
  readonly oneQuad: boolean;
  /** Lanes that divide the reading of `a`, a power of two of at most `rows`; 1 where lanes cannot exchange values. */
  readonly share: number;
}

/**
 * WGSL of a tile of `rows` by four columns of each of `parts` products, one invocation each, every number in a variable of
 * its own: compilers that neither unroll loops nor keep arrays in registers (SwiftShader's) are ten times slower with
 * `tile.wgsl`. Reading takes most of the time there, a hundred times that of a multiplication. Lanes lie along columns.
 */
export function unrolledTile({ rows, parts, observes, oneQuad, share }: UnrolledTile): string {
  const each = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const blocks = (p: number): string => [0, 1, 2, 3].map((c) => `b_${p}_${c}`).join(', ');
  const sums = (r: number): string => Array.from({ length: parts }, (_, p) => `sum_${p}_${r}`).join(', ');
  // Read f holds rows f · share to f · share + share - 1, one in each lane that shares.
  const reads = rows / share;
  const ofRow = (name: string, r: number): string =>
    share === 1 ? `${name}_${r}` : `subgroupShuffle(${name}_${Math.floor(r / share)}, ${r % share}u)`;
  return `@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
${share === 1 ? '' : '  @builtin(subgroup_invocation_id) subgroup_lane: u32,\n'}) {
  let group = linear_workgroup(id, count);
  let split = group % SPLITS;
  let tile = group / SPLITS;
  let span = tile_rows(tile / TILES_N, ${rows}u);
  let first_row = span.x;
  let column = 4u * ((tile % TILES_N) * WORKGROUP + lane);
  let rows = span.y;
  if (first_row >= rows) { return; }
${each(
  reads,
  (
    f,
  ) => `  let row_${f} = min(first_row + ${f * share}u${share === 1 ? '' : ` + subgroup_lane % ${share}u`}, rows - 1u);
  let place_${f} = a_row(row_${f});
  var seen_${f} = vec2<f32>();`,
)}
${each(4 * parts, (i) => `  let weight_${i >> 2}_${i & 3} = tile_weight_row(first_row, ${i >> 2}u, column + ${i & 3}u);`)}
${each(rows * parts, (i) => `  var sum_${i % parts}_${Math.floor(i / parts)} = vec4<f32>();`)}
  let end = min(K_BLOCKS, (split + 1u) * SPLIT_BLOCKS);
  for (var block = split * SPLIT_BLOCKS; block < end; block++) {
${each(4 * parts, (i) => `    let b_${i >> 2}_${i & 3} = b_block(weight_${i >> 2}_${i & 3}, block);`)}
    ${oneQuad ? '{ let q = 0u;' : 'for (var q = 0u; q < BLOCK_QUADS; q++) {'}
      let quad = block * BLOCK_QUADS + q;
${each(parts, (p) => `      let w_${p} = b_columns(${blocks(p)}, q);`)}
${each(
  reads,
  (f) => `      let stored_${f} = a_quad(place_${f}, quad);
${observes ? `      seen_${f} += observe_a(stored_${f});\n` : ''}      let held_${f} = load_a(row_${f}, quad, stored_${f});`,
)}
${each(
  rows,
  (r) => `      let a_${r} = ${ofRow('held', r)};
${each(parts, (p) => `      sum_${p}_${r} = ${product(`a_${r}`, `w_${p}`, `sum_${p}_${r}`)};`)}`,
)}
    }
  }
${each(
  rows,
  (r) => `  let row_seen_${r} = ${ofRow('seen', r)};
  if (first_row + ${r}u < rows && column < N) {
    finish(split, first_row + ${r}u, column, array<vec4<f32>, ${parts}>(${sums(r)}), row_seen_${r});
  }`,
)}
}
`;
}

/** sum + v · w, column by column of the transposed weights. */
const product = (v: string, w: string, sum: string): string =>
  ['x', 'y', 'z', 'w'].reduce((inner, part, i) => `fma(vec4<f32>(${v}.${part}), ${w}[${i}], ${inner})`, sum);
