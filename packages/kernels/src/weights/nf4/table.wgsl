// The sixteen numbers of NF4: quantiles of the normal distribution, scaled to end at -1 and 1, zero among them.
const B_NUMBERS = array<f32, 16>(
  -1.0, -0.696192801, -0.525073051, -0.394917488, -0.284441382, -0.18477343, -0.0910500363, 0.0,
  0.0795802996, 0.160930201, 0.246112302, 0.337915242, 0.440709829, 0.562617004, 0.722956836, 1.0,
);

fn b_number(code: u32) -> f32 {
  var numbers = B_NUMBERS;
  return numbers[code];
}
