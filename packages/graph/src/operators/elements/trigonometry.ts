// Sines and arcs in WGSL whose errors are known: WGSL promises 2^-11 of sin and cos, and 4096 ULP of atan. Polynomials of S. Moshier's
// Cephes library.

/** Bits of 2/π behind the point, and 32 zeros before them: all that turns of an f32 need. */
const turns =
  'array(0x00000000u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu)';

/**
 * `r` and `quarter` of a large `a` in whole numbers, by the bits of 2/π that make up turns of its exponent (Payne and Hanek 1983): what
 * f32 has of it, none of it lost.
 */
const largeTurns = `let bits = bitcast<u32>(a) & 0x7fffffffu;
    let m = (bits & 0x7fffffu) | 0x800000u;
    let begin = (bits >> 23u) - 120u;
    let at = begin >> 5u;
    let left = begin & 31u;
    var table = ${turns};
    var window = array<u32, 3>();
    var high = array<u32, 3>();
    for (var i = 0u; i < 3u; i++) {
      // By 32 bits in two steps: a shift takes its last five bits.
      let v = (table[at + i] << left) | ((table[at + i + 1u] >> 1u) >> (31u - left));
      let low = (m & 0xffffu) * (v >> 16u);
      let other = (m >> 16u) * (v & 0xffffu);
      let between = (((m & 0xffffu) * (v & 0xffffu)) >> 16u) + (low & 0xffffu) + (other & 0xffffu);
      window[i] = v;
      high[i] = (m >> 16u) * (v >> 16u) + (low >> 16u) + (other >> 16u) + (between >> 16u);
    }
    let lower = m * window[1] + high[2];
    let upper = m * window[0] + high[1] + select(0u, 1u, lower < high[2]);
    let part = f32(i32((upper << 2u) | (lower >> 30u))) * 0x1p-32 + f32(lower << 2u) * 0x1p-64;
    let turned = i32((upper + 0x20000000u) >> 30u);
    r = select(part, -part, a < 0.0) * 1.5707963267948966;
    quarter = select(turned, -turned, a < 0.0) & 3;`;

/**
 * `sine` and `cosine` of `r`, what is left of `a` beyond `quarter` turns of a quarter; and whether `a` is `finite`. Good to 2e-7.
 */
export const quarterTurns: string = `let k = round(a * 0.6366197723675814);
  var r = fma(-k, 7.549789948768648e-8, fma(-k, 4.837512969970703e-4, fma(-k, 1.5703125, a)));
  var quarter = i32(k) & 3;
  if (abs(a) >= 32768.0) {
    ${largeTurns}
  }
  let s = r * r;
  let sine = fma(r * s, fma(s, fma(s, -1.9515295891e-4, 8.3321608736e-3), -1.6666654611e-1), r);
  let cosine = fma(s * s, fma(s, fma(s, 2.443315711809948e-5, -1.388731625493765e-3), 4.166664568298827e-2), fma(s, -0.5, 1.0));
  let finite = (bitcast<u32>(a) & 0x7fffffffu) < 0x7f800000u;`;

/** A number, or NaN where `a` is not finite, by its bits. */
export const finiteOnly = (value: string): string =>
  `bitcast<f32>(select(0x7fc00000u, bitcast<u32>(${value}), finite))`;

/** Arc tangent of an expression, as the expression `name` after these statements. */
export const arcTangent = (name: string, of: string): string => `let ${name}_size = abs(${of});
  let ${name}_far = ${name}_size > 2.414213562373095;
  let ${name}_half = ${name}_size > 0.4142135623730950;
  let ${name}_up = select(${name}_size, ${name}_size - 1.0, ${name}_half);
  let ${name}_down = select(1.0, ${name}_size + 1.0, ${name}_half);
  let ${name}_z = select(${name}_up / ${name}_down, -1.0 / ${name}_size, ${name}_far);
  let ${name}_s = ${name}_z * ${name}_z;
  let ${name}_fit = ((8.05374449538e-2 * ${name}_s - 1.38776856032e-1) * ${name}_s + 1.99777106478e-1) * ${name}_s - 3.33329491539e-1;
  let ${name}_base = select(select(0.0, 0.7853981633974483, ${name}_half), 1.5707963267948966, ${name}_far);
  let ${name} = sign(${of}) * (${name}_base + ${name}_z + ${name}_z * ${name}_s * ${name}_fit);`;

/** A number, or NaN where `a` is beyond ±1. */
export const inUnit = (value: string): string =>
  `bitcast<f32>(select(0x7fc00000u, bitcast<u32>(${value}), (bitcast<u32>(a) & 0x7fffffffu) <= 0x3f800000u))`;
