// Sine and cosine to f32's accuracy for angles to some thousands: WGSL's are too coarse. The angle less a multiple of a quarter turn, in
// three parts, then polynomials (Cephes, sinf.c).
fn cosine(angle: f32, is_sine: bool) -> f32 {
  let quarters = round(angle * 0.63661977236758134);
  let rest = ((angle - quarters * 1.5703125) - quarters * 4.837512969970703125e-4) - quarters * 7.54978995489188216e-8;
  let z = rest * rest;
  let sine = rest + rest * z * (-0.16666654611 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
  let other = 1.0 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
  let quarter = (i32(quarters) + select(1i, 0i, is_sine)) & 3i;
  let value = select(sine, other, (quarter & 1i) == 1i);
  return keep_nan(angle, select(value, -value, quarter >= 2i));
}
