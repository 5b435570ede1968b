/**
 * WGSL of `rows` queries per invocation against at most `keys` keys, every score in a variable of its own: nothing is
 * indexed at run time, so that scores stay in registers whatever the compiler makes of arrays and loops.
 *
 * Invocations lie along queries and read the same keys and values, so nothing is shared and nobody waits. SEQUENCES
 * sequences lie side by side in a workgroup, and STEPS go by one after the other.
 * Bytes: queries and outputs once; keys and values once per THREADS x ROWS queries, mostly from cache.
 */
export function unrolledRows(rows: number, keys: number): string {
  const perRow = (line: (i: number) => string): string =>
    Array.from({ length: rows }, (_, i) => line(i)).join('\n');
  const perKey = (line: (j: number) => string): string =>
    Array.from({ length: keys }, (_, j) => line(j)).join('\n');
  const scores = (i: number): string[] => Array.from({ length: keys }, (_, j) => `s_${i}_${j}`);
  return `/** A score, or MASKED where the query does not see the key. */
fn seen_score(sum: f32, pair: Pair, key: u32, span: vec2<u32>) -> f32 {
  let value = mask(score_of(sum, pair), pair);
  return select(MASKED, value, key >= span.x && key < span.y && value > MASKED * 0.5);
}

fn seen_weight(s: f32, peak: f32) -> f32 { return select(0.0, weight_of(s, peak), s > MASKED * 0.5); }

@compute @workgroup_size(THREADS * SEQUENCES)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row_blocks = (params.queries + THREADS * ${rows}u - 1u) / (THREADS * ${rows}u);
  let tasks = params.batch * HEADS * row_blocks;
  let first_task = linear_workgroup(id, count) * STEPS * SEQUENCES + select(lane / THREADS, 0u, SEQUENCES == 1u);
  for (var step = 0u; step < STEPS; step++) {
    let task = min(first_task + step * SEQUENCES, tasks - 1u);
    let sequence = task / row_blocks;
    let head = sequence % HEADS;
    let batch = sequence / HEADS;
    let kv_head = head / GROUP;
    let length = length_of(batch);
    let last_key = max(length, 1u) - 1u;
    let first_row = task % row_blocks * THREADS * ${rows}u + lane % THREADS;
${perRow(
  (i) => `    let query_${i} = min(first_row + ${i}u * THREADS, params.queries - 1u);
    let row_${i} = Token(batch, head, query_${i}, q_at(batch, head, query_${i}));
    let position_${i} = query_position(batch, query_${i});
    let span_${i} = visible_keys(position_${i}, length);`,
)}
${perKey((j) => `    let key_${j} = min(${j}u, last_key);`)}
${perKey((j) => `    let k_${j} = Token(batch, kv_head, key_${j}, load_k_at(batch, kv_head, key_${j}));`)}
${perRow((i) => `    var ${scores(i).join(' = 0.0; var ')} = 0.0;`)}
    for (var unit = 0u; unit < QK_UNITS; unit++) {
${perRow((i) => `      let q_${i} = load_q(row_${i}, unit);`)}
${perKey(
  (j) =>
    `      { let k = load_k(k_${j}, unit); ${Array.from({ length: rows }, (_, i) => `s_${i}_${j} = similarity(s_${i}_${j}, q_${i}, k, unit);`).join(' ')} }`,
)}
    }
${perRow(
  (i) => `${scores(i)
    .map(
      (s, j) =>
        `    let pair_${i}_${j} = Pair(batch, head, query_${i}, key_${j}, position_${i}, length);
    ${s} = seen_score(${s}, pair_${i}_${j}, ${j}u, span_${i});`,
    )
    .join('\n')}
    var largest_${i} = MASKED;
${scores(i)
  .map((s) => `    largest_${i} = max(largest_${i}, ${s});`)
  .join('\n')}
    let peak_${i} = weight_update(MASKED, largest_${i});
    var sum_${i} = 0.0;
${scores(i)
  .map(
    (s, j) => `    let weight_${i}_${j} = seen_weight(${s}, peak_${i});
    sum_${i} += weight_${i}_${j};
    ${s} = select(0.0, reweight(weight_${i}_${j}, pair_${i}_${j}), ${s} > MASKED * 0.5);`,
  )
  .join('\n')}
    let finish_${i} = weight_finish(peak_${i}, sum_${i}, head);
    let stored_${i} = first_task + step * SEQUENCES < tasks && first_row + ${i}u * THREADS < params.queries;
    if (stored_${i}) { store_log_sum_exp(row_of(batch, head, query_${i}), finish_${i}.y); }
    let y_${i} = Token(batch, head, query_${i}, y_at(batch, head, query_${i}));`,
)}
${perKey((j) => `    let v_${j} = Token(batch, kv_head, key_${j}, load_v_at(batch, kv_head, key_${j}));`)}
    for (var unit = 0u; unit < V_UNITS; unit++) {
${perRow((i) => `      var out_${i} = v_fragment();`)}
${perKey(
  (j) =>
    `      { let v = load_v(v_${j}, unit); ${Array.from({ length: rows }, (_, i) => `out_${i} = fma(v_fragment(s_${i}_${j}), v, out_${i});`).join(' ')} }`,
)}
${perRow((i) => `      if (stored_${i}) { epilogue(y_${i}, unit, out_${i} * finish_${i}.x); }`)}
    }
  }
}
`;
}
