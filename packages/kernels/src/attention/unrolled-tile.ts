/** Subgroups of so few lanes are those of compilers that leave loops and arrays as they are. */
export const narrow = 4;

/**
 * WGSL of `tile.subgroups.wgsl` with every number in a variable of its own. Compilers that neither unroll loops nor keep arrays
 * in registers (SwiftShader's, narrow subgroups) take many times as long with the rolled text, and want every lane named by a
 * constant. Others leave large tiles rolled, which then stay in memory; they are quick with shuffles, slow with long texts.
 * Constants and functions are those of the rolled one.
 */
export function unrolledTile(shape: {
  readonly lanes: number;
  readonly rows: number;
  /** Keys of a lane in a block. */
  readonly columns: number;
  /** Fragments of the output of a lane. */
  readonly channels: number;
}): string {
  const { lanes, rows, columns, channels } = shape;
  const each = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const cells = (line: (row: number, column: number) => string, of = columns): string =>
    each(rows * of, (i) => line(Math.floor(i / of), i % of));
  const slots = Math.ceil(rows / lanes);
  const fromLane = lanes <= narrow ? 'subgroupBroadcast' : 'subgroupShuffle';
  const pair = (i: number, j: number): string =>
    `Pair(block.batch, block.head + row_${i} % PACK, row_${i} / PACK, key_${j}, position_${i}, length)`;
  return `const TILE_ROWS = ROWS;
const TILE_KEYS = LANES * COLUMNS;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let block = block_of(linear_workgroup(id, count));
  if (block.batch >= params.batch) { return; }
  let length = block.length;
${each(
  slots,
  (m) => `  let own_${m} = min(block.first_row + min(${m * lanes}u + lane, ROWS - 1u), block.rows - 1u);
  let q_head_${m} = block.head + own_${m} % PACK;
  let q_token_${m} = Token(block.batch, q_head_${m}, own_${m} / PACK, q_at(block.batch, q_head_${m}, own_${m} / PACK));`,
)}
${each(
  rows,
  (i) => `  let row_${i} = min(block.first_row + ${i}u, block.rows - 1u);
  let position_${i} = i32(row_${i} / PACK) + block.shift;
  let span_${i} = visible_keys(position_${i}, length);
  var peak_${i} = MASKED;
  var sum_${i} = 0.0;`,
)}
${cells((i, e) => `  var acc_${i}_${e} = v_fragment();`, channels)}

  let walk = walk_of(block);
  for (var step = 0u; step < MANY; step++) {
    if (step >= walk.y) { break; }
    let keys = keys_at(block, walk.x, step);
    let first_key = keys.x;
    let end_key = keys.y;
    if (first_key >= end_key) { continue; }
    let verdict = mask_tile(Tile(block.batch, block.head, PACK, block.first_query, block.last_query - block.first_query + 1u, first_key, end_key - first_key));
    if (verdict == 0u) { continue; }

${each(
  columns,
  (j) => `    let place_${j} = first_key + ${j * lanes}u + lane;
    let key_${j} = min(place_${j}, end_key - 1u);
    let k_token_${j} = Token(block.batch, block.kv_head, key_${j}, load_k_at(block.batch, block.kv_head, key_${j}));`,
)}
${cells((i, j) => `    var s_${i}_${j} = 0.0;`)}
    for (var unit = 0u; unit < QK_UNITS; unit++) {
${each(columns, (j) => `      let k_${j} = load_k(k_token_${j}, unit);`)}
${each(slots, (m) => `      let own_q_${m} = load_q(q_token_${m}, unit);`)}
${each(
  rows,
  (i) => `      let q_${i} = ${fromLane}(own_q_${Math.floor(i / lanes)}, ${i % lanes}u);
${each(columns, (j) => `      s_${i}_${j} = similarity(s_${i}_${j}, q_${i}, k_${j}, unit);`)}`,
)}
    }

${each(
  rows,
  (i) => `${each(
    columns,
    (j) => `    s_${i}_${j} = score_of(s_${i}_${j}, ${pair(i, j)});
    if (verdict == 1u) { s_${i}_${j} = mask(s_${i}_${j}, ${pair(i, j)}); }
    s_${i}_${j} = select(MASKED, s_${i}_${j}, place_${j} >= span_${i}.x && place_${j} < min(span_${i}.y, end_key));`,
  )}
    let largest_${i} = ${Array.from({ length: columns }, (_, j) => `s_${i}_${j}`).reduce((all, s) => `max(${all}, ${s})`)};
    let before_${i} = peak_${i};
    peak_${i} = weight_update(before_${i}, subgroupMax(largest_${i}));
    let rescale_${i} = weight_rescale(before_${i}, peak_${i});
    sum_${i} *= rescale_${i};
${each(channels, (e) => `    acc_${i}_${e} *= rescale_${i};`)}
${each(
  columns,
  (j) => `    let seen_${i}_${j} = is_seen(s_${i}_${j});
    let weight_${i}_${j} = select(0.0, weight_of(s_${i}_${j}, peak_${i}), seen_${i}_${j});
    sum_${i} += weight_${i}_${j};
    s_${i}_${j} = select(0.0, reweight(weight_${i}_${j}, ${pair(i, j)}), seen_${i}_${j});`,
)}`,
)}

${
  lanes <= narrow
    ? each(lanes, (l) => `    {\n${valuesOf(`${l}u`)}\n    }`)
    : `    for (var l = 0u; l < MANY; l++) {
      if (l >= min(LANES, end_key - first_key)) { break; }
${valuesOf('l')}
    }`
}
  }

  var staged: array<v_fragment, ROWS * CHANNELS>;
  var states: array<vec2<f32>, ROWS>;
${each(rows, (i) => `  states[${i}] = vec2<f32>(peak_${i}, subgroupAdd(sum_${i}));`)}
${cells((i, e) => `  staged[${i * channels + e}] = acc_${i}_${e};`, channels)}
  let rows_here = min(ROWS, block.rows - block.first_row);
  for (var i = 0u; i < MANY; i++) {
    if (i >= rows_here) { break; }
    let token = Token(block.batch, block.head + (block.first_row + i) % PACK, (block.first_row + i) / PACK, 0u);
    let finish = begin_row(token, block.split, states[i].x, states[i].y, lane == 0u);
    for (var e = 0u; e < MANY; e++) {
      let unit = lane + e * LANES;
      if (unit >= V_UNITS) { break; }
      finish_row(token, block.split, unit, staged[i * CHANNELS + e], finish);
    }
  }
}
`;

  /** The shares of the keys of lane `l`, a WGSL term, in all rows of the output. */
  function valuesOf(l: string): string {
    return `${each(
      columns,
      (j) => `      let from_${j} = min(first_key + ${j * lanes}u + ${l}, end_key - 1u);
      let token_${j} = Token(block.batch, block.kv_head, from_${j}, load_v_at(block.batch, block.kv_head, from_${j}));
${each(channels, (e) => `      let value_${j}_${e} = load_v(token_${j}, min(lane + ${e * lanes}u, V_UNITS - 1u));`)}`,
    )}
${cells((i, j) => `      let share_${i}_${j} = v_fragment(${fromLane}(s_${i}_${j}, ${l}));`)}
${cells((i, e) => `      acc_${i}_${e} = ${total(i, e)};`, channels)}`;
  }

  /** What a lane's keys add to fragment `e` of row `i`. */
  function total(i: number, e: number): string {
    const keys = Array.from({ length: columns }, (_, j) => j);
    return keys.reduce((sum, j) => `fma(share_${i}_${j}, value_${j}_${e}, ${sum})`, `acc_${i}_${e}`);
  }
}
