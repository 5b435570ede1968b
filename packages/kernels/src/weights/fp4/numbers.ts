const sizes = [
  0, 0.0052083334885537624, 0.6666666865348816, 1, 0.3333333432674408, 0.5, 0.1666666716337204, 0.25,
];

/** The numbers that the codes of FP4 stand for, exact in f32: table.wgsl holds the same. */
export const fp4Numbers: readonly number[] = [...sizes, 0, ...sizes.slice(1).map((size) => -size)];
