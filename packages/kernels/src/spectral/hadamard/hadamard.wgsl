// y = SCALE · H x along the middle of [outer, SIZE, inner], row-major: lines in a workgroup's memory, sums and differences of two, four or
// eight elements a step apart in registers. Lines that do not fit are a matrix, whose columns are transformed and then its rows.
// Bytes: x is read and y written once; twice where lines do not fit.

var<workgroup> work: array<f32, POINTS>;

fn eights(lane: u32, size: u32, lines: u32, pitch: u32, step: u32) {
  for (var turn = 0u; turn < MANY; turn++) {
    let task = turn * WORKGROUP + lane;
    if (task >= lines * (size / 8u)) { break; }
    let j = task % (size / 8u);
    let at = task / (size / 8u) * pitch + j / step * 8u * step + j % step;
    let low = vec4<f32>(work[at], work[at + step], work[at + 2u * step], work[at + 3u * step]);
    let high = vec4<f32>(work[at + 4u * step], work[at + 5u * step], work[at + 6u * step], work[at + 7u * step]);
    let a = four(low + high);
    let b = four(low - high);
    work[at] = a.x;
    work[at + step] = a.y;
    work[at + 2u * step] = a.z;
    work[at + 3u * step] = a.w;
    work[at + 4u * step] = b.x;
    work[at + 5u * step] = b.y;
    work[at + 6u * step] = b.z;
    work[at + 7u * step] = b.w;
  }
  workgroupBarrier();
}

fn four(v: vec4<f32>) -> vec4<f32> {
  let sums = v.xy + v.zw;
  let differences = v.xy - v.zw;
  return vec4<f32>(sums.x + sums.y, sums.x - sums.y, differences.x + differences.y, differences.x - differences.y);
}

fn fours(lane: u32, size: u32, lines: u32, pitch: u32, step: u32) {
  for (var turn = 0u; turn < MANY; turn++) {
    let task = turn * WORKGROUP + lane;
    if (task >= lines * (size / 4u)) { break; }
    let j = task % (size / 4u);
    let at = task / (size / 4u) * pitch + j / step * 4u * step + j % step;
    let a = four(vec4<f32>(work[at], work[at + step], work[at + 2u * step], work[at + 3u * step]));
    work[at] = a.x;
    work[at + step] = a.y;
    work[at + 2u * step] = a.z;
    work[at + 3u * step] = a.w;
  }
  workgroupBarrier();
}

fn twos(lane: u32, size: u32, lines: u32, pitch: u32, step: u32) {
  for (var turn = 0u; turn < MANY; turn++) {
    let task = turn * WORKGROUP + lane;
    if (task >= lines * (size / 2u)) { break; }
    let j = task % (size / 2u);
    let at = task / (size / 2u) * pitch + j / step * 2u * step + j % step;
    let a = work[at];
    let b = work[at + step];
    work[at] = a + b;
    work[at + step] = a - b;
  }
  workgroupBarrier();
}

// The BASE elements a step apart, by a matrix whose signs are bits, 1 for minus; step = size / BASE.
fn based(lane: u32, size: u32, lines: u32, pitch: u32) {
  let step = size / BASE;
  for (var turn = 0u; turn < MANY; turn++) {
    let task = turn * WORKGROUP + lane;
    if (task >= lines * step) { break; }
    let at = task / step * pitch + task % step;
    var column = array<f32, BASE>();
    for (var i = 0u; i < BASE; i++) { column[i] = work[at + i * step]; }
    for (var row = 0u; row < BASE; row++) {
      let bits = signs_of(row);
      var sum = 0.0;
      for (var i = 0u; i < BASE; i++) { sum += select(column[i], -column[i], ((bits >> i) & 1u) == 1u); }
      work[at + row * step] = sum;
    }
  }
  workgroupBarrier();
}
