import { TilewrightError } from '../../contract/errors.ts';
import type { KeptFields, WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { readHalves } from '../../numbers/read-halves.ts';
import { alignedBytes, sectionNamed, tensorSections } from '../sections.ts';
import { readCodes, writeCodes } from '../codes.ts';
import { type IntegerFormat, isInteger } from './format.ts';
import type { IntegerParts } from './pack.ts';

/** The numbers of an integer matrix, row-major. Throws as {@link unpackInteger}. */
export function dequantizeInteger(tensor: HostTensor): Float32Array {
  const { bits, group } = checkedFormat(tensor);
  const [rows, columns] = tensor.shape as [number, number];
  const { codes, scales, zeroPoints } = unpackInteger(tensor);
  const groups = Math.ceil(columns / group);
  const numbers = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const g = r * groups + Math.floor(c / group);
      const zero = zeroPoints === undefined ? 2 ** (bits - 1) : zeroPoints[g]!;
      numbers[r * columns + c] = (codes[r * columns + c]! - zero) * scales[g]!;
    }
  }
  return numbers;
}

/**
 * Codes, scales and zero points of an integer matrix.
 *
 * @throws `bad-format` for a tensor of another format; `bad-argument` where its bytes are not as many as the format takes.
 */
export function unpackInteger(tensor: HostTensor): IntegerParts {
  const { bits, group, zeroPoint } = checkedFormat(tensor);
  const { rows, columns, sections } = tensorSections('unpack', tensor);
  const bytes = alignedBytes(tensor);
  const groups = Math.ceil(columns / group);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const { rowBytes } = sectionNamed(sections, 'codes');
  const codes = new Uint8Array(rows * columns);
  const padded = new Uint8Array(groups * group);
  for (let r = 0; r < rows; r++) {
    readCodes(bits, words, (r * rowBytes) / 4, padded);
    codes.set(padded.subarray(0, columns), r * columns);
  }
  const scalesAt = bytes.byteOffset + sectionNamed(sections, 'scales').offset;
  const scales = readHalves(new Uint16Array(bytes.buffer, scalesAt, rows * groups));
  if (!zeroPoint) return { codes, scales };
  const { offset, sizeBytes } = sectionNamed(sections, 'zero points');
  return { codes, scales, zeroPoints: bytes.slice(offset, offset + sizeBytes) };
}

function checkedFormat({ format }: HostTensor): IntegerFormat {
  if (isInteger(format)) return format;
  throw new TilewrightError('bad-format', {
    subject: 'unpackInteger',
    problem: `the tensor is stored as ${format.name}`,
    requirement: 'only integer formats hold codes and scales',
    fix: 'unpack it with the codec of its own format',
  });
}

const wordsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, byteLength >> 2);

const kept: KeptFields = {
  read: (format, bytes, offset, fields) => {
    const codes = new Uint8Array(fields.length);
    readCodes((format as IntegerFormat).bits, wordsOf(bytes), offset / 4, codes);
    fields.set(codes);
  },
  write: (format, fields, bytes, offset) =>
    writeCodes((format as IntegerFormat).bits, Uint8Array.from(fields), wordsOf(bytes), offset / 4),
  zero: ({ format, shape, bytes }) => {
    const { bits, group, zeroPoint } = format as IntegerFormat;
    if (!zeroPoint) return () => 2 ** (bits - 1);
    const { offset, rowBytes } = sectionNamed(format.sections(shape).sections, 'zero points');
    return (row, column) => bytes[offset + row * rowBytes + Math.floor(column / group)]!;
  },
  isZero: (_, field, zero) => field === zero,
};

export const integerCodec: WeightCodec = { family: 'integer', unpack: dequantizeInteger, kept };
