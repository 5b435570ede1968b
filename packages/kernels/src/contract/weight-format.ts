// A weight format is a value: what kernels, graphs and files know of how the numbers of a tensor are stored. What only
// packers, oracles and tests need (pack, unpack, quantizers, examples) are functions beside the values, in
// `weights/<format>`, so that a page ships none of it unasked.
import type { TensorView } from './tensor-view.ts';

/**
 * A format as it is written to a file: the name of its family, and its parameters. Formats that are made of others hold
 * their records.
 */
export interface FormatRecord {
  readonly format: string;
  readonly [parameter: string]: string | number | boolean | FormatRecord;
}

/** A run of bytes inside a tensor in which row `r` starts at `offset + r · rowBytes`, or which all rows share. */
export interface Section {
  readonly name: string;
  /** Bytes from the tensor's start. */
  readonly offset: number;
  /** 0 where the format has no rows. */
  readonly rowBytes: number;
  /**
   * Bytes of each run of `columnBlock` columns within a row, one after the other from the row's start. 0 without rows, and where
   * a row has something whatever its columns are.
   */
  readonly blockBytes: number;
  readonly sizeBytes: number;
  /** It is one row, which all rows of the tensor have in common. */
  readonly shared?: true;
}

/** Where the parts of a tensor lie. */
export interface FormatSections {
  /** All axes but the last, multiplied. */
  readonly rows: number;
  readonly columns: number;
  readonly sections: readonly Section[];
  readonly sizeBytes: number;
}

/** Values of constants that WGSL wants: whole numbers, truth values, and f32. */
export type ReaderConstants = Readonly<Record<string, number | boolean | { readonly f32: number }>>;

/** What a kernel reads a weight with: WGSL, the constants it wants, and how the weight is bound (as `b`). */
export interface ReaderParts {
  readonly wgsl: readonly string[];
  readonly constants: ReaderConstants;
  readonly view: TensorView;
}

/**
 * How products read a weight `b` of `[rows, columns]`: in blocks of BLOCK_QUADS quads of columns of a row. The WGSL defines
 *
 *     struct LoadB                                        // a row's block: its words and scale, read once
 *     fn load_b(row: u32, block: u32) -> LoadB
 *     fn load_b_quad(block: LoadB, q: u32) -> vec4<f32>   // columns 4q to 4q + 3 of the block
 *     fn load_b_dot(block: LoadB, q: u32, v: vec4<f32>) -> f32   // their product with v, where few rows need it
 *
 * and wants the constants K and K_QUADS besides its own. Columns beyond the row read as zero.
 */
export interface FormatReader {
  /** Quads of a block; absent where the kernel may cut rows as it likes. */
  readonly blockQuads?: number;
  /** `blockQuads`: this reader's own, or the kernel's choice. */
  readonly parts: (rows: number, columns: number, blockQuads: number) => ReaderParts;
  /**
   * The integer face, which products with int8 activations read: blocks of 32 columns, in LoadB a `scaling: vec2<f32>` (scale,
   * and what the stored code 0 means), and `fn load_b_codes(block: LoadB, q: u32) -> u32`, the codes of a quad less
   * `codeOffset` as four int8.
   */
  readonly codeOffset?: number;
}

/**
 * What an N:M format needs of the format of the values it keeps: that each can be addressed by itself.
 */
export interface KeptValues {
  /** Bits of a stored value. */
  readonly bits: number;
  /** Columns of the whole matrix that share something; rows are padded to a multiple of it and of 32. */
  readonly block: number;
  /** The sections behind values and positions, for rows of so many (whole) columns. */
  readonly shared: (paddedColumns: number) => readonly SectionSize[];
  /** WGSL of `fn b_scaling(row: u32, block: u32) -> vec2<f32>`: what makes numbers of a block's values, factor and summand. */
  readonly scaling: string;
  /** WGSL of `fn b_value(row: u32, kept: u32) -> f32`. */
  readonly value: string;
  /** For 2:4, WGSL of `alias BlockValues`, `fn b_values(at: u32) -> BlockValues` and `fn b_pair(values: BlockValues, q: u32) -> vec2<f32>`. */
  readonly pairs?: string;
  readonly constants: (paddedColumns: number, sections: readonly Section[]) => ReaderConstants;
}

/** The size of a section before it has a place. */
export type SectionSize = Pick<Section, 'name' | 'rowBytes' | 'blockBytes' | 'shared'>;

/**
 * How the numbers of a tensor are stored: parameters, and what a device does with them. Compared by `id`.
 */
export interface WeightFormat {
  /** What the formats that differ in their parameters only have in common: the `format` of records. */
  readonly family: string;
  /**
   * Family and parameters in one text: equal for equal formats, part of cache keys. Never parsed. Facts of one tensor that its
   * sections depend on (how many blocks it stores) are in the record and not here.
   */
  readonly id: string;
  /** For people: `f16`, `int4-g32`, `int4-g32+2:4`. Never parsed. */
  readonly name: string;
  readonly record: FormatRecord;
  /** Throws `bad-shape` for a shape that the format cannot have. */
  readonly sections: (shape: readonly number[]) => FormatSections;
  /** Its sections have no rows (sparse blocks, compressed rows): nothing can be selected from it or joined to it. */
  readonly rowless?: true;
  /** Rows of two tensors are never joined: each has something of its own that its rows share, or it is rowless. */
  readonly unjoined?: true;
  /** Whole runs of so many columns may be selected, joined and reordered, bit for bit. */
  readonly columnBlock: number;
  /** Absent where products cannot read it. */
  readonly reader?: FormatReader;
  /** Absent where an N:M matrix cannot keep values of this format. */
  readonly kept?: KeptValues;
  /** Of a format that stores some of the values of another: that other, and itself with another in its place. */
  readonly values?: WeightFormat;
  readonly withValues?: (values: WeightFormat) => WeightFormat;
}

/** A tensor in host memory, whatever its format. */
export interface HostTensor {
  readonly format: WeightFormat;
  /** The logical shape; for a linear layer's weight `[outputs, inputs]`. */
  readonly shape: readonly number[];
  /** Exactly the format's bytes; may be a view into a larger buffer, at any alignment. */
  readonly bytes: Uint8Array;
}

/** A model's weights by name. */
export type StateDict = ReadonlyMap<string, HostTensor>;
