// The sixteen numbers of bitsandbytes' FP4: 0, 1/192, 8/12, 1, 1/3, 1/2, 1/6, 1/4, and bit 3 the sign.
const B_NUMBERS = array<f32, 8>(0.0, 0.00520833349, 0.666666687, 1.0, 0.333333343, 0.5, 0.166666672, 0.25);

fn b_number(code: u32) -> f32 {
  var numbers = B_NUMBERS;
  let size = numbers[code & 7u];
  return select(size, -size, code > 7u);
}
