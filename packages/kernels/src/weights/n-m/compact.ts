import { checkHost } from '../check-host.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { KeptFields, WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor, WeightFormat } from '../../contract/weight-format.ts';
import { codecOf } from '../families.ts';
import { alignedBytes, sectionNamed, tensorSections } from '../sections.ts';
import { type NMFormat, paddedColumns, positionBits } from './format.ts';

/** How the fields of an N:M format's values lie. Throws `bad-format` for a codec that does not say. */
export const fieldsOf = ({ values }: NMFormat, codecs: readonly WeightCodec[]): KeptFields =>
  codecOf(values, codecs).kept!;

/**
 * An N:M sparse matrix from its full form, a tensor in the format of its values. At most `n` of each `m` neighbouring
 * columns may differ from zero.
 *
 * @throws `bad-argument` for a group with more, or a tensor in another format than the values'.
 */
export function packNM(full: HostTensor, format: NMFormat, codecs: readonly WeightCodec[]): HostTensor {
  checkHost('packNM', { full, format, codecs });
  const { values } = format;
  if (full.format.id !== values.id) {
    throw new TilewrightError('bad-argument', {
      subject: 'packNM',
      problem: `the full matrix is stored as ${full.format.name}`,
      requirement: `${format.name} keeps values of ${values.name}`,
      fix: `pack it as ${values.name} first`,
    });
  }
  const fields = fieldsOf(format, codecs);
  const source = { ...full, bytes: alignedBytes(full) };
  const [from, to] = [tensorSections('packNM', full), format.sections(full.shape)];
  const { rows, columns } = to;
  const bytes = new Uint8Array(to.sizeBytes);
  const words = new Uint32Array(bytes.buffer);
  const [first, target] = [from.sections[0]!, sectionNamed(to.sections, 'values')];
  const positions = sectionNamed(to.sections, 'positions');
  const zeroOf = fields.zero(source);
  const row = new Uint32Array(columns);
  const kept = new Uint32Array((paddedColumns(format, columns) * format.n) / format.m);
  for (let r = 0; r < rows; r++) {
    fields.read(values, source.bytes, first.offset + r * first.rowBytes, row);
    const chosen = chooseColumns(
      format,
      r,
      columns,
      (c) => !fields.isZero(values, row[c]!, zeroOf(r, c)),
      words.subarray((positions.offset + r * positions.rowBytes) / 4),
    );
    chosen.forEach((c, k) => {
      kept[k] = c < columns ? row[c]! : zeroOf(r, Math.floor(k / format.n) * format.m);
    });
    fields.write(values, kept, bytes, target.offset + r * target.rowBytes);
  }
  for (const { name, offset, sizeBytes } of from.sections.slice(1))
    bytes.set(source.bytes.subarray(offset, offset + sizeBytes), sectionNamed(to.sections, name).offset);
  return { format, shape: full.shape, bytes };
}

/** The stored columns of every group of a row, ascending, some of them in padding; and their positions, written to `words`. */
function chooseColumns(
  format: NMFormat,
  row: number,
  columns: number,
  isKept: (column: number) => boolean,
  words: Uint32Array,
): number[] {
  const { n, m } = format;
  const bits = positionBits(m);
  const kept: number[] = [];
  for (let start = 0; start < paddedColumns(format, columns); start += m) {
    let chosen = 0;
    let count = 0;
    for (let c = start; c < Math.min(start + m, columns); c++) {
      if (!isKept(c)) continue;
      chosen |= 1 << (c - start);
      count++;
    }
    if (count > n) {
      throw new TilewrightError('bad-argument', {
        subject: 'packNM',
        problem: `row ${row} has ${count} values that are not zero in columns ${start} to ${
          Math.min(start + m, columns) - 1
        }`,
        requirement: `${n}:${m} keeps at most ${n}`,
        fix: 'prune the matrix to this pattern first',
      });
    }
    for (let p = 0; count < n; p++) {
      if ((chosen >> p) & 1) continue;
      chosen |= 1 << p;
      count++;
    }
    for (let p = 0; p < m; p++) {
      if (!((chosen >> p) & 1)) continue;
      const bit = kept.length * bits;
      words[bit >> 5] = words[bit >> 5]! | (p << (bit & 31));
      kept.push(start + p);
    }
  }
  return kept;
}

/** The full form of an N:M sparse matrix: a tensor in the format of its values, zero where nothing is kept. */
export function expandNM(tensor: HostTensor, codecs: readonly WeightCodec[]): HostTensor {
  checkHost('expandNM', { tensor, codecs });
  const format = tensor.format as NMFormat;
  const { values } = format;
  const fields = fieldsOf(format, codecs);
  const [from, to] = [tensorSections('unpack', tensor), values.sections(tensor.shape)];
  const source = alignedBytes(tensor);
  const full = {
    format: values,
    shape: tensor.shape,
    bytes: new Uint8Array(to.sizeBytes),
  };
  const [first, stored] = [to.sections[0]!, sectionNamed(from.sections, 'values')];
  for (const { name, offset, sizeBytes } of to.sections.slice(1)) {
    const start = sectionNamed(from.sections, name).offset;
    full.bytes.set(source.subarray(start, start + sizeBytes), offset);
  }
  const zeroOf = fields.zero(full);
  const row = new Uint32Array(first.blockBytes === 0 ? 0 : fieldsPerRow(values, first.rowBytes));
  const kept = new Uint32Array((paddedColumns(format, from.columns) * format.n) / format.m);
  const visit = keptColumns({ ...tensor, bytes: source });
  for (let r = 0; r < from.rows; r++) {
    for (let c = 0; c < row.length; c++) row[c] = zeroOf(r, c);
    fields.read(values, source, stored.offset + r * stored.rowBytes, kept);
    visit(r, (column, k) => (row[column] = kept[k]!));
    fields.write(values, row, full.bytes, first.offset + r * first.rowBytes);
  }
  return full;
}

const fieldsPerRow = (values: WeightFormat, rowBytes: number): number => (8 * rowBytes) / values.kept!.bits;

/** 1 for each column that an N:M sparse matrix stores and 0 for each that it drops: what is stored may still be a zero. */
export function keptMask(tensor: HostTensor): Uint8Array {
  checkHost('keptMask', { tensor });
  const { rows, columns } = tensorSections('keptMask', tensor);
  const mask = new Uint8Array(rows * columns);
  const visit = keptColumns({ ...tensor, bytes: alignedBytes(tensor) });
  for (let r = 0; r < rows; r++) visit(r, (column) => (mask[r * columns + column] = 1));
  return mask;
}

/** Calls back with the column and the place in storage of each kept value of a row, padding left out. */
function keptColumns(
  tensor: HostTensor,
): (row: number, visit: (column: number, kept: number) => void) => void {
  const format = tensor.format as NMFormat;
  const { n, m } = format;
  const bits = positionBits(m);
  const { columns, sections } = format.sections(tensor.shape);
  const { offset, rowBytes } = sectionNamed(sections, 'positions');
  const { buffer, byteOffset, byteLength } = tensor.bytes;
  const words = new Uint32Array(buffer, byteOffset, byteLength / 4);
  const count = (paddedColumns(format, columns) * n) / m;
  return (row, visit) => {
    const first = (offset + row * rowBytes) / 4;
    for (let k = 0; k < count; k++) {
      const position = (words[first + ((k * bits) >> 5)]! >>> ((k * bits) & 31)) & (2 ** bits - 1);
      const column = Math.floor(k / n) * m + position;
      if (column < columns) visit(column, k);
    }
  };
}

export const nmCodec: WeightCodec = {
  family: 'n:m',
  unpack: (tensor, codecs) => {
    const full = expandNM(tensor, codecs);
    return codecOf(full.format, codecs).unpack(full, codecs);
  },
  mask: keptMask,
  compact: (full, format, codecs) => packNM(full, format as NMFormat, codecs),
};
