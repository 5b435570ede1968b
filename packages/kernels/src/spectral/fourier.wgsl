// Stages of a discrete Fourier transform of lines in `work`, in place. A stage of radix r takes r elements `step` apart and transforms them;
// `before` or behind that it multiplies by roots of r · step, those from `from` on of the table, of `sign` in the exponent. Stages with steps
// from large to small leave the digits of a frequency in the opposite order; those from small to large, roots before, take them back.

var<workgroup> work: array<vec2<f32>, POINTS>;

fn product(z: vec2<f32>, w: vec2<f32>) -> vec2<f32> {
  return vec2<f32>(z.x * w.x - z.y * w.y, z.x * w.y + z.y * w.x);
}

// z by i, or by -i.
fn quarter(z: vec2<f32>, sign: f32) -> vec2<f32> { return sign * vec2<f32>(-z.y, z.x); }

fn root(at: u32, sign: f32) -> vec2<f32> {
  let w = roots_load(at);
  return vec2<f32>(w.x, sign * w.y);
}

// Where the first of the elements stands that `task` transforms.
fn first_of(task: u32, size: u32, pitch: u32, step: u32, radix: u32) -> u32 {
  let j = task % (size / radix);
  return task / (size / radix) * pitch + j / step * radix * step + j % step;
}

fn fetch(at: u32, w: u32, sign: f32, turns: bool) -> vec2<f32> {
  if (turns) { return product(work[at], root(w, sign)); }
  return work[at];
}

fn keep(at: u32, z: vec2<f32>, w: u32, sign: f32, turns: bool) {
  if (turns) { work[at] = product(z, root(w, sign)); } else { work[at] = z; }
}

fn twos(lane: u32, size: u32, lines: u32, pitch: u32, from_root: u32, step: u32, sign: f32, before: bool) {
  let front = before && step > 1u;
  let back = !before && step > 1u;
  for (var turn = 0u; turn < MANY; turn++) {
    let task = turn * WORKGROUP + lane;
    if (task >= lines * (size / 2u)) { break; }
    let at = first_of(task, size, pitch, step, 2u);
    let w = task % (size / 2u) % step * (size / 2u / step);
    let a = work[at];
    let b = fetch(at + step, from_root + w, sign, front);
    work[at] = a + b;
    keep(at + step, a - b, from_root + w, sign, back);
  }
  workgroupBarrier();
}

fn threes(lane: u32, size: u32, lines: u32, pitch: u32, from_root: u32, step: u32, sign: f32, before: bool) {
  let front = before && step > 1u;
  let back = !before && step > 1u;
  for (var turn = 0u; turn < MANY; turn++) {
    let task = turn * WORKGROUP + lane;
    if (task >= lines * (size / 3u)) { break; }
    let at = first_of(task, size, pitch, step, 3u);
    let w = task % (size / 3u) % step * (size / 3u / step);
    let a = work[at];
    let b = fetch(at + step, from_root + w, sign, front);
    let c = fetch(at + 2u * step, from_root + 2u * w, sign, front);
    let sum = b + c;
    let middle = a - 0.5 * sum;
    let turned = quarter(0.8660254037844386 * (b - c), sign);
    work[at] = a + sum;
    keep(at + step, middle + turned, from_root + w, sign, back);
    keep(at + 2u * step, middle - turned, from_root + 2u * w, sign, back);
  }
  workgroupBarrier();
}

struct Four { a: vec2<f32>, b: vec2<f32>, c: vec2<f32>, d: vec2<f32> }

fn four(a: vec2<f32>, b: vec2<f32>, c: vec2<f32>, d: vec2<f32>, sign: f32) -> Four {
  let even = a + c;
  let odd = a - c;
  let sum = b + d;
  let turned = quarter(b - d, sign);
  return Four(even + sum, odd + turned, even - sum, odd - turned);
}

fn fours(lane: u32, size: u32, lines: u32, pitch: u32, from_root: u32, step: u32, sign: f32, before: bool) {
  let front = before && step > 1u;
  let back = !before && step > 1u;
  for (var turn = 0u; turn < MANY; turn++) {
    let task = turn * WORKGROUP + lane;
    if (task >= lines * (size / 4u)) { break; }
    let at = first_of(task, size, pitch, step, 4u);
    let w = task % (size / 4u) % step * (size / 4u / step);
    let z = four(
      work[at],
      fetch(at + step, from_root + w, sign, front),
      fetch(at + 2u * step, from_root + 2u * w, sign, front),
      fetch(at + 3u * step, from_root + 3u * w, sign, front),
      sign,
    );
    work[at] = z.a;
    keep(at + step, z.b, from_root + w, sign, back);
    keep(at + 2u * step, z.c, from_root + 2u * w, sign, back);
    keep(at + 3u * step, z.d, from_root + 3u * w, sign, back);
  }
  workgroupBarrier();
}

fn fives(lane: u32, size: u32, lines: u32, pitch: u32, from_root: u32, step: u32, sign: f32, before: bool) {
  let front = before && step > 1u;
  let back = !before && step > 1u;
  for (var turn = 0u; turn < MANY; turn++) {
    let task = turn * WORKGROUP + lane;
    if (task >= lines * (size / 5u)) { break; }
    let at = first_of(task, size, pitch, step, 5u);
    let w = task % (size / 5u) % step * (size / 5u / step);
    let a = work[at];
    let b = fetch(at + step, from_root + w, sign, front);
    let c = fetch(at + 2u * step, from_root + 2u * w, sign, front);
    let d = fetch(at + 3u * step, from_root + 3u * w, sign, front);
    let e = fetch(at + 4u * step, from_root + 4u * w, sign, front);
    let outer = b + e;
    let inner = c + d;
    let p = a + 0.30901699437494745 * outer - 0.8090169943749475 * inner;
    let q = a - 0.8090169943749475 * outer + 0.30901699437494745 * inner;
    let u = quarter(0.9510565162951535 * (b - e) + 0.5877852522924731 * (c - d), sign);
    let v = quarter(0.5877852522924731 * (b - e) - 0.9510565162951535 * (c - d), sign);
    work[at] = a + outer + inner;
    keep(at + step, p + u, from_root + w, sign, back);
    keep(at + 2u * step, q + v, from_root + 2u * w, sign, back);
    keep(at + 3u * step, q - v, from_root + 3u * w, sign, back);
    keep(at + 4u * step, p - u, from_root + 4u * w, sign, back);
  }
  workgroupBarrier();
}

fn sevens(lane: u32, size: u32, lines: u32, pitch: u32, from_root: u32, step: u32, sign: f32, before: bool) {
  let front = before && step > 1u;
  let back = !before && step > 1u;
  // Cosines and sines of a seventh of a circle, of two and of three.
  let c = vec3<f32>(0.6234898018587336, -0.2225209339563144, -0.9009688679024191);
  let s = vec3<f32>(0.7818314824680298, 0.9749279121818236, 0.4338837391175582);
  for (var turn = 0u; turn < MANY; turn++) {
    let task = turn * WORKGROUP + lane;
    if (task >= lines * (size / 7u)) { break; }
    let at = first_of(task, size, pitch, step, 7u);
    let w = task % (size / 7u) % step * (size / 7u / step);
    let z = work[at];
    let z1 = fetch(at + step, from_root + w, sign, front);
    let z2 = fetch(at + 2u * step, from_root + 2u * w, sign, front);
    let z3 = fetch(at + 3u * step, from_root + 3u * w, sign, front);
    let z4 = fetch(at + 4u * step, from_root + 4u * w, sign, front);
    let z5 = fetch(at + 5u * step, from_root + 5u * w, sign, front);
    let z6 = fetch(at + 6u * step, from_root + 6u * w, sign, front);
    let a = z1 + z6;
    let b = z2 + z5;
    let d = z3 + z4;
    let e = z1 - z6;
    let f = z2 - z5;
    let g = z3 - z4;
    let p = z + c.x * a + c.y * b + c.z * d;
    let q = z + c.y * a + c.z * b + c.x * d;
    let r = z + c.z * a + c.x * b + c.y * d;
    let u = quarter(s.x * e + s.y * f + s.z * g, sign);
    let v = quarter(s.y * e - s.z * f - s.x * g, sign);
    let t = quarter(s.z * e - s.x * f + s.y * g, sign);
    work[at] = z + a + b + d;
    keep(at + step, p + u, from_root + w, sign, back);
    keep(at + 2u * step, q + v, from_root + 2u * w, sign, back);
    keep(at + 3u * step, r + t, from_root + 3u * w, sign, back);
    keep(at + 4u * step, r - t, from_root + 4u * w, sign, back);
    keep(at + 5u * step, q - v, from_root + 5u * w, sign, back);
    keep(at + 6u * step, p - u, from_root + 6u * w, sign, back);
  }
  workgroupBarrier();
}

fn eights(lane: u32, size: u32, lines: u32, pitch: u32, from_root: u32, step: u32, sign: f32, before: bool) {
  let front = before && step > 1u;
  let back = !before && step > 1u;
  let half = 0.7071067811865476;
  for (var turn = 0u; turn < MANY; turn++) {
    let task = turn * WORKGROUP + lane;
    if (task >= lines * (size / 8u)) { break; }
    let at = first_of(task, size, pitch, step, 8u);
    let w = task % (size / 8u) % step * (size / 8u / step);
    let even = four(
      work[at],
      fetch(at + 2u * step, from_root + 2u * w, sign, front),
      fetch(at + 4u * step, from_root + 4u * w, sign, front),
      fetch(at + 6u * step, from_root + 6u * w, sign, front),
      sign,
    );
    let odd = four(
      fetch(at + step, from_root + w, sign, front),
      fetch(at + 3u * step, from_root + 3u * w, sign, front),
      fetch(at + 5u * step, from_root + 5u * w, sign, front),
      fetch(at + 7u * step, from_root + 7u * w, sign, front),
      sign,
    );
    let b = half * (odd.b + quarter(odd.b, sign));
    let c = quarter(odd.c, sign);
    let d = half * (quarter(odd.d, sign) - odd.d);
    work[at] = even.a + odd.a;
    keep(at + step, even.b + b, from_root + w, sign, back);
    keep(at + 2u * step, even.c + c, from_root + 2u * w, sign, back);
    keep(at + 3u * step, even.d + d, from_root + 3u * w, sign, back);
    keep(at + 4u * step, even.a - odd.a, from_root + 4u * w, sign, back);
    keep(at + 5u * step, even.b - b, from_root + 5u * w, sign, back);
    keep(at + 6u * step, even.c - c, from_root + 6u * w, sign, back);
    keep(at + 7u * step, even.d - d, from_root + 7u * w, sign, back);
  }
  workgroupBarrier();
}
