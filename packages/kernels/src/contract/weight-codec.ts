import type { FormatRecord, HostTensor, WeightFormat } from './weight-format.ts';

/** A family of formats as files name them: what is handed over to whatever opens files. */
export interface FormatFamily {
  readonly family: string;
  /** The format of a record; `inner` reads the records inside it. Throws `bad-format` for parameters that cannot be. */
  readonly format: (record: FormatRecord, inner: (record: FormatRecord) => WeightFormat) => WeightFormat;
  /** Reads what a file says of its compressed tensors: `readRecords`, which pages without compressed files do not carry. */
  readonly records: ReadRecords;
}

/** What a compressed tensor is, beyond its words. */
export interface TensorRecord {
  readonly format: WeightFormat;
  readonly shape: readonly number[];
}

/** A file with compressed tensors, as its reader hands it to the families. */
export interface RecordFile {
  /** What the file says of them: parsed JSON, objects as maps. Where it stands, for errors: `part`. */
  readonly root: unknown;
  readonly part: string;
  /** The tensors of the file, as they are stored. */
  readonly tensors: ReadonlyMap<
    string,
    { readonly dtype: string; readonly shape: readonly number[]; readonly sizeBytes: number }
  >;
  /** Those that may occur, besides the dense one. */
  readonly families: readonly Pick<FormatFamily, 'family' | 'format'>[];
  readonly dense: { readonly family: string; readonly format: (dtype: string) => WeightFormat };
  /** Checks a shape of the file; `of` names whose it is. */
  readonly shape: (value: unknown, of: string) => readonly number[];
  /** The error of this file. */
  readonly refuse: (problem: string, requirement: string, fix: string, cause?: unknown) => Error;
  /** A value of the file as errors show it. */
  readonly shown: (value: unknown) => string;
}

export type ReadRecords = (file: RecordFile) => ReadonlyMap<string, TensorRecord>;

/** How fields of a few bits lie in rows: what an N:M format needs on the host of the format of its values. */
export interface KeptFields {
  /** Reads `fields.length` stored values from `bytes` (aligned to 8 bytes) at `offset`. */
  readonly read: (format: WeightFormat, bytes: Uint8Array, offset: number, fields: Uint32Array) => void;
  /** Writes them into zeroed bytes. */
  readonly write: (format: WeightFormat, fields: Uint32Array, bytes: Uint8Array, offset: number) => void;
  /** The field that stands for 0 in a row and column of `tensor`. */
  readonly zero: (tensor: HostTensor) => (row: number, column: number) => number;
  readonly isZero: (format: WeightFormat, field: number, zero: number) => boolean;
}

/** What a host does with the numbers of one family of formats. `codecs`: those of the formats a format is made of. */
export interface WeightCodec {
  readonly family: string;
  /** The numbers of a tensor, row-major, one per element of its shape. Throws `bad-argument` where its bytes do not fit. */
  readonly unpack: (tensor: HostTensor, codecs: readonly WeightCodec[]) => Float32Array;
  /** Of formats whose fields can be kept by an N:M format. */
  readonly kept?: KeptFields;
  /** Of formats that store some values of another: 1 for each that is stored, 0 for each dropped. */
  readonly mask?: (tensor: HostTensor) => Uint8Array;
  /** Likewise: those of `full`, a tensor in `format.values`, stored as `format`. */
  readonly compact?: (full: HostTensor, format: WeightFormat, codecs: readonly WeightCodec[]) => HostTensor;
}
