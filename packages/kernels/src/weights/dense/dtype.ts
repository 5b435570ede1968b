/** Element types of dense tensors, as safetensors and Hugging Face configs know them. */
export type DenseDType =
  | 'f32'
  | 'f16'
  | 'bf16'
  | 'f64'
  | 'i64'
  | 'i32'
  | 'i16'
  | 'i8'
  | 'u32'
  | 'u16'
  | 'u8'
  | 'bool'
  | 'f8_e4m3'
  | 'f8_e5m2'
  | 'f8_e8m0';

const sizes: Readonly<Record<DenseDType, number>> = {
  f64: 8,
  i64: 8,
  f32: 4,
  i32: 4,
  u32: 4,
  f16: 2,
  bf16: 2,
  i16: 2,
  u16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
  f8_e4m3: 1,
  f8_e5m2: 1,
  f8_e8m0: 1,
};

/** Bytes of one element. */
export const dtypeBytes = (dtype: DenseDType): number => sizes[dtype];

export const isDenseDType = (name: string): name is DenseDType => Object.hasOwn(sizes, name);
