// What is decided by bits, because WGSL lets compilers take all numbers for finite: which scores are masked, and that NaN stays
// NaN where a clamped number would not. See docs/numbers.md.

// Whether a score takes part: NaN does, MASKED and -infinity do not. Of two negative numbers the lower has the larger bits.
fn is_seen(s: f32) -> bool {
  let least = bitcast<u32>(f32(MASKED * 0.5));
  return bitcast<u32>(s) - least > 0xff800000u - least;
}

// Whether anything was added to a sum of weights.
fn is_some(sum: f32) -> bool { return (bitcast<u32>(sum) & 0x7fffffffu) != 0u; }

// exp of a difference to the largest score; below -104 it is 0 in f32 anyway, and clamping keeps sentinels out of `exp`.
fn bounded_power(difference: f32) -> f32 { return keep_nan(difference, exp(max(difference, -104.0))); }
