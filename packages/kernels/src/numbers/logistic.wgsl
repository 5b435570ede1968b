// What gates are made of; `keep_nan` is in power.wgsl.

// 0 in the end, so that a gate far below 0 times its sigmoid is none: the smallest normal number times -3e38 is -3.5.
fn sigmoid(x: f32) -> f32 {
  let small = exp(-min(abs(x), 104.0));
  return keep_nan(x, select(small, 1.0, x >= 0.0) / (1.0 + small));
}

// log(1 + exp(x)), to its last digits where x is far below 0 too.
fn soft_plus(x: f32) -> f32 {
  let small = exp(-min(abs(x), 104.0));
  // log(1 + small) as 2 atanh(small / (2 + small)): near 1 a logarithm is too coarse.
  let t = small / (2.0 + small);
  let u = t * t;
  let tail = 1.0 + u * (1.0 / 3.0 + u * (0.2 + u * (1.0 / 7.0 + u * (1.0 / 9.0 + u * (1.0 / 11.0 + u / 13.0)))));
  return keep_nan(x, max(x, 0.0) + 2.0 * t * tail);
}
