// What weight formats have in common. The formats themselves are in folders, each with an import path of its own.
export type {
  FormatFamily,
  KeptFields,
  ReadRecords,
  RecordFile,
  TensorRecord,
  WeightCodec,
} from '../contract/weight-codec.ts';
export type {
  FormatReader,
  FormatRecord,
  FormatSections,
  HostTensor,
  KeptValues,
  ReaderConstants,
  ReaderParts,
  Section,
  SectionSize,
  StateDict,
  WeightFormat,
} from '../contract/weight-format.ts';
export { selectColumns } from './columns.ts';
export {
  bitsPerWeight,
  codecOf,
  concatRows,
  formatBytes,
  permuteRows,
  readFormat,
  selectRows,
  storedLike,
  unpack,
} from './checked.ts';
export { checkRecord, type ParameterTypes } from './families.ts';
export { quantizerFor } from './quantizer-for.ts';
export { readRecords } from './records.ts';
export type { CodeBits } from './codes.ts';
export type { GroupedFormat } from './grouped/format.ts';
export type { Grouping, GroupPlaces } from './grouped/grouping.ts';
export { type GroupedParts, type GroupedTensor, unpackGrouped } from './grouped/numbers.ts';
export { packGrouped } from './grouped/pack.ts';
export type { Scaling, ScaleType, ZeroType } from './grouped/scaling.ts';
export type { RowRange } from './rows.ts';
export { roundWeight } from './round-weight.ts';
export {
  alignedBytes,
  expectLength,
  matrixShape,
  packedSections,
  rowsAndColumns,
  sectionNamed,
  tensorSections,
} from './sections.ts';
