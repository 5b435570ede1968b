/**
 * WGSL of a tile of `rows` by four columns of each of `parts` products, one invocation each, every number in a variable of
 * its own: compilers that neither unroll loops nor keep arrays in registers (SwiftShader's) are ten times slower with
 * `tile.wgsl`. Lanes lie along columns and share nothing. `oneQuad`: blocks of the weight are single quads, which need no
 * loop of their own.
 */
export function unrolledTile(rows: number, parts: number, observes: boolean, oneQuad: boolean): string {
  const each = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const blocks = (p: number): string => [0, 1, 2, 3].map((c) => `b_${p}_${c}`).join(', ');
  const sums = (r: number): string => Array.from({ length: parts }, (_, p) => `sum_${p}_${r}`).join(', ');
  return `@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(id, count);
  let split = group % SPLITS;
  let tile = group / SPLITS;
  let span = tile_rows(tile / TILES_N, ${rows}u);
  let first_row = span.x;
  let column = 4u * ((tile % TILES_N) * WORKGROUP + lane);
  let rows = span.y;
  if (first_row >= rows || column >= N) { return; }
${each(rows, (r) => `  let row_${r} = min(first_row + ${r}u, rows - 1u);\n  let place_${r} = a_row(row_${r});`)}
${each(4 * parts, (i) => `  let weight_${i >> 2}_${i & 3} = tile_weight_row(first_row, ${i >> 2}u, column + ${i & 3}u);`)}
${each(rows * parts, (i) => `  var sum_${i % parts}_${Math.floor(i / parts)} = vec4<f32>();`)}
${each(rows, (r) => `  var seen_${r} = vec2<f32>();`)}
  let end = min(K_BLOCKS, (split + 1u) * SPLIT_BLOCKS);
  for (var block = split * SPLIT_BLOCKS; block < end; block++) {
${each(4 * parts, (i) => `    let b_${i >> 2}_${i & 3} = b_block(weight_${i >> 2}_${i & 3}, block);`)}
    ${oneQuad ? '{ let q = 0u;' : 'for (var q = 0u; q < BLOCK_QUADS; q++) {'}
      let quad = block * BLOCK_QUADS + q;
${each(parts, (p) => `      let w_${p} = b_columns(${blocks(p)}, q);`)}
${each(
  rows,
  (r) => `      let stored_${r} = a_quad(place_${r}, quad);
${observes ? `      seen_${r} += observe_a(stored_${r});\n` : ''}      let a_${r} = load_a(row_${r}, quad, stored_${r});
${each(parts, (p) => `      sum_${p}_${r} = ${product(`a_${r}`, `w_${p}`, `sum_${p}_${r}`)};`)}`,
)}
    }
  }
${each(rows, (r) => `  if (first_row + ${r}u < rows) { finish(split, first_row + ${r}u, column, array<vec4<f32>, ${parts}>(${sums(r)}), seen_${r}); }`)}
}
`;
}

/** sum + v · w, column by column of the transposed weights. */
const product = (v: string, w: string, sum: string): string =>
  ['x', 'y', 'z', 'w'].reduce((inner, part, i) => `fma(vec4<f32>(${v}.${part}), ${w}[${i}], ${inner})`, sum);
