// States on the edges of a grid, R to the right and D down, of each head [key_size, value_size]: y = scale * q (m_r R + m_d D) of the edges that come in,
// R' = t_rr R + t_dr D + s_r k v, D' = t_rd R + t_dd D + s_d k v for those that go out; q and k [batch, rows, columns, heads, key_size], v and y [...,
// value_size], transitions, sources and marks [batch, rows, columns, 4 | 2 | 2, heads], row-major. A workgroup has one column of values; each of its
// lanes walks a row, one step behind the row above, and takes what that handed down a step ago. Bytes: gates, q and k read for each column of values.

// What a row hands down, of this step and of the last one.
var<workgroup> handed: array<f32, 2 * LANES * KEYS>;

fn carried_at(line: u32, column: u32) -> u32 { return (line * params.columns + column) * KEYS; }

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let line = linear_workgroup(id, count);
  let column_of_values = line % VALUES;
  let head = line / VALUES % HEADS;
  let batch = line / VALUES / HEADS;
  if (batch >= params.batch) { return; }
  for (var band = 0u; band < MANY; band++) {
    if (band * LANES >= params.rows) { break; }
    let row = band * LANES + lane;
    var right = array<f32, KEYS>();
    for (var step = 0u; step < MANY; step++) {
      if (step >= params.columns + LANES - 1u) { break; }
      if (step >= lane && step - lane < params.columns && row < params.rows) {
        let column = step - lane;
        let y = select(row, params.rows - 1u - row, REVERSE_ROWS);
        let x = select(column, params.columns - 1u - column, REVERSE_COLUMNS);
        let node = (batch * params.rows + y) * params.columns + x;
        let t = node * 4u * HEADS + head;
        let s = node * 2u * HEADS + head;
        let value = v_load((node * HEADS + head) * VALUES + column_of_values);
        let vectors = (node * HEADS + head) * KEYS;
        let above = ((step + 1u) % 2u * LANES + max(lane, 1u) - 1u) * KEYS;
        let below = (step % 2u * LANES + lane) * KEYS;
        let carried = carried_at(line, column);
        var sum = 0.0;
        for (var i = 0u; i < KEYS; i++) {
          var down = 0.0;
          if (lane > 0u) { down = handed[above + i]; }
          else if (band > 0u) { down = carried_load(carried + i); }
          let written = k_load(vectors + i) * value;
          sum += q_load(vectors + i) * (m_load(s) * right[i] + m_load(s + HEADS) * down);
          let next = t_load(t + HEADS) * right[i] + t_load(t + 3u * HEADS) * down + s_load(s + HEADS) * written;
          right[i] = t_load(t) * right[i] + t_load(t + 2u * HEADS) * down + s_load(s) * written;
          handed[below + i] = next;
          if (lane == LANES - 1u) { carried_store(carried + i, next); }
        }
        y_store((node * HEADS + head) * VALUES + column_of_values, SCALE * sum);
      }
      workgroupBarrier();
    }
    storageBarrier();
  }
}
