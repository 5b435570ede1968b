import type { ElementType } from '../../ir.ts';

export const byteTypes: readonly ElementType[] = ['u8', 'i8'];

/** 32-bit words that so many integers take, bytes four to a word. */
export const wordsOf = (count: number, dtype: ElementType): number =>
  dtype === 'i32' ? count : Math.ceil(count / 4);
