import type { DenseDType } from '../contract/layout.ts';

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
};

/** Bytes of one element. */
export const dtypeBytes = (dtype: DenseDType): number => sizes[dtype];

export const isDenseDType = (name: string): name is DenseDType => Object.hasOwn(sizes, name);
