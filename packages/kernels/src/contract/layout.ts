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
  | 'bool';

/** Row-major elements, one after the other. */
export interface DenseLayout {
  readonly kind: 'dense';
  readonly dtype: DenseDType;
}

/**
 * Integer codes with one f16 scale per group of neighbouring columns of a row.
 *
 * `w = (code - zero) · scale`, where `code` is the stored unsigned field. Without zero points
 * `zero = 2^(bits-1)` everywhere (symmetric); with them each group stores its own.
 *
 * In memory, for shape `[rows, columns]`: little-endian u32 words, three sections one after the other, each starting
 * at a multiple of 16 bytes; the whole takes a multiple of 16 bytes too (bytes between are zero). Columns are padded
 * to `paddedColumns = ⌈columns / group⌉ · group` with codes equal to `zero`, so that padding decodes to the number 0.
 * Scales are finite and may be negative; a zero point is below `2^bits`.
 * 1. codes, row-major, `paddedColumns · bits / 32` words per row, in runs of 32 columns (so `group` is a multiple of 32):
 *    - 8 bits: byte `j` of word `w` is column `4w + j`.
 *    - 4 bits: of word `w`, the low nibble of byte `j` is column `8w + j` and the high nibble column `8w + 4 + j`, so
 *      `w & 0x0f0f0f0f` and `(w >> 4) & 0x0f0f0f0f` are two vectors of four consecutive columns.
 *    - 3 bits: three words for 32 columns. Words 0 and 1 hold the low two bits: of word `i`, the two bits at
 *      `8·j + 2·s` are column `16·i + 4·s + j`. Word 2 holds the high bit: the bit at `8·j + s` is column `4·s + j`.
 *      Again `(word >> 2s) & 0x03030303` and `(word2 >> s) & 0x01010101` are vectors of four consecutive columns.
 * 2. scales, f16, row-major `[rows, paddedColumns / group]`, two per word (low half first).
 * 3. zero points, only with `zeroPoint`, one byte each, row-major like the scales.
 */
export interface IntegerLayout {
  readonly kind: 'integer';
  readonly bits: 3 | 4 | 8;
  /** Columns that share a scale; a multiple of 32. */
  readonly group: number;
  readonly zeroPoint: boolean;
}

/**
 * N:M sparsity: of each `m` neighbouring columns of a row, exactly `n` are stored, in strictly ascending order of
 * column. Where fewer are not zero, zeros from the group's lowest free columns fill up (in padding: columns 0 to n-1).
 *
 * In memory, for shape `[rows, columns]`: u32 words, sections each starting at a multiple of 16 bytes. Columns are
 * padded to a multiple of the block of `max(32, group)` columns (`m` divides 32).
 * 1. the kept values, row-major, `keptColumns = paddedColumns · n / m` per row, in the value layout's own order with
 *    `keptColumns` in the place of columns (for integers: their code section; 8 kept values fill a word at 4 bits and
 *    4 at 8 bits, and each block of columns must keep a multiple of that; 3 bits is not defined here).
 * 2. positions within the group of `m`, `indexBits` each (1, 2 or 4 bits for m = 2, 4 and 8 to 16), row-major:
 *    kept value `i` of a row sits at bits `indexBits · (i mod 32/indexBits)` of its word `⌊i · indexBits / 32⌋`;
 *    rows start at whole words.
 * 3. for integer values: scales, f16, `[rows, paddedColumns / group]`, where `group` counts *original* columns, then
 *    zero points as in {@link IntegerLayout}. Zeros that fill up and padding are the code `zero` (`2^(bits-1)` when
 *    symmetric), so they decode to the number 0.
 */
export interface NMLayout {
  readonly kind: 'n:m';
  readonly n: number;
  /** 2, 4, 8 or 16. */
  readonly m: number;
  readonly values: (DenseLayout & { readonly dtype: 'f32' | 'f16' }) | IntegerLayout;
}

/** How the numbers of a tensor are stored; a plain tagged record that travels with the tensor. */
export type Layout = DenseLayout | IntegerLayout | NMLayout;

/** A tensor in host memory, whatever its layout. */
export interface HostTensor {
  readonly layout: Layout;
  /** The logical shape; for a linear layer's weight `[outputs, inputs]`. */
  readonly shape: readonly number[];
  /** Exactly the layout's bytes; may be a view into a larger buffer, at any alignment. */
  readonly bytes: Uint8Array;
}

/** A model's weights by name. */
export type StateDict = ReadonlyMap<string, HostTensor>;

export const dense = (dtype: DenseDType): DenseLayout => ({ kind: 'dense', dtype });

/** The short name of a layout: `f16`, `int4-g32`, `int4-g32-zp`, `f16+2:4`, `int4-g32+2:4`. */
export function layoutName(layout: Layout): string {
  switch (layout.kind) {
    case 'dense':
      return layout.dtype;
    case 'integer':
      return `int${layout.bits}-g${layout.group}${layout.zeroPoint ? '-zp' : ''}`;
    case 'n:m':
      return `${layoutName(layout.values)}+${layout.n}:${layout.m}`;
  }
}
