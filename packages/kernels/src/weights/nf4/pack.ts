import { TilewrightError } from '../../contract/errors.ts';
import type { KeptFields, WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { f32ToF16Bits } from '../../numbers/float16.ts';
import { readHalves } from '../../numbers/read-halves.ts';
import { readCodes, writeCodes } from '../codes.ts';
import { alignedBytes, expectLength, sectionNamed, tensorSections } from '../sections.ts';
import { isNf4, type Nf4Format } from './format.ts';
import { nf4Numbers, nf4Zero } from './numbers.ts';

/** A matrix before packing, or after unpacking. */
export interface Nf4Parts {
  /** Codes `[rows, columns]`, each below 16. */
  readonly codes: Uint8Array;
  /** Scales `[rows, ⌈columns / group⌉]`, finite, at most 65504 in magnitude; stored rounded to f16. */
  readonly scales: Float32Array;
}

/** Codes and scales as a tensor. Throws `bad-argument` for parts of the wrong length, wide codes, and scales beyond f16. */
export function packNf4(
  { codes, scales }: Nf4Parts,
  shape: readonly number[],
  format: Nf4Format,
): HostTensor {
  const { rows, columns, sections, sizeBytes } = format.sections(shape);
  const groups = Math.ceil(columns / format.group);
  expectLength('packNf4', 'codes', codes.length, rows * columns);
  expectLength('packNf4', 'scales', scales.length, rows * groups);
  refuse('code', codes, (code) => code < 16, 'codes are from 0 to 15');
  refuse(
    'scale',
    scales,
    (scale) => Math.abs(scale) < 65_520,
    'scales are stored as f16, finite and at most 65504 in magnitude',
  );
  const bytes = new Uint8Array(sizeBytes);
  const words = new Uint32Array(bytes.buffer);
  const padded = new Uint8Array(groups * format.group).fill(nf4Zero);
  const { rowBytes } = sectionNamed(sections, 'codes');
  for (let r = 0; r < rows; r++) {
    padded.set(codes.subarray(r * columns, (r + 1) * columns));
    writeCodes(4, padded, words, (r * rowBytes) / 4);
  }
  const halves = new Uint16Array(bytes.buffer, sectionNamed(sections, 'scales').offset, rows * groups);
  for (let i = 0; i < halves.length; i++) halves[i] = f32ToF16Bits(scales[i]!);
  return { format, shape, bytes };
}

function refuse(
  what: string,
  values: ArrayLike<number>,
  fits: (value: number) => boolean,
  requirement: string,
): void {
  for (let i = 0; i < values.length; i++) {
    if (fits(values[i]!)) continue;
    throw new TilewrightError('bad-argument', {
      subject: 'packNf4',
      problem: `${what} ${values[i]} at index ${i}`,
      requirement,
      fix: 'quantize the numbers with nf4Quantizer',
    });
  }
}

/** Codes and scales of a tensor. Throws `bad-format` for another format, `bad-argument` where its bytes do not fit. */
export function unpackNf4(tensor: HostTensor): Nf4Parts {
  const { format } = tensor;
  if (!isNf4(format)) {
    throw new TilewrightError('bad-format', {
      subject: 'unpackNf4',
      problem: `the tensor is stored as ${format.name}`,
      requirement: 'it takes nf4',
      fix: 'unpack it with the codec of its own format',
    });
  }
  const { rows, columns, sections } = tensorSections('unpack', tensor);
  const bytes = alignedBytes(tensor);
  const words = wordsOf(bytes);
  const groups = Math.ceil(columns / format.group);
  const codes = new Uint8Array(rows * columns);
  const padded = new Uint8Array(groups * format.group);
  const { rowBytes } = sectionNamed(sections, 'codes');
  for (let r = 0; r < rows; r++) {
    readCodes(4, words, (r * rowBytes) / 4, padded);
    codes.set(padded.subarray(0, columns), r * columns);
  }
  const scalesAt = bytes.byteOffset + sectionNamed(sections, 'scales').offset;
  return { codes, scales: readHalves(new Uint16Array(bytes.buffer, scalesAt, rows * groups)) };
}

/** The numbers of a tensor, row-major. Throws as {@link unpackNf4}. */
export function dequantizeNf4(tensor: HostTensor): Float32Array {
  const { codes, scales } = unpackNf4(tensor);
  const [rows, columns] = tensor.shape as [number, number];
  const { group } = tensor.format as Nf4Format;
  const groups = Math.ceil(columns / group);
  const numbers = new Float32Array(rows * columns);
  for (let i = 0; i < numbers.length; i++) {
    const column = i % columns;
    const at = ((i - column) / columns) * groups + Math.floor(column / group);
    numbers[i] = nf4Numbers[codes[i]!]! * scales[at]!;
  }
  return numbers;
}

const wordsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, byteLength >> 2);

const kept: KeptFields = {
  read: (_, bytes, offset, fields) => {
    const codes = new Uint8Array(fields.length);
    readCodes(4, wordsOf(bytes), offset / 4, codes);
    fields.set(codes);
  },
  write: (_, fields, bytes, offset) => writeCodes(4, Uint8Array.from(fields), wordsOf(bytes), offset / 4),
  zero: () => () => nf4Zero,
  isZero: (_, field) => field === nf4Zero,
};

export const nf4Codec: WeightCodec = { family: 'nf4', unpack: dequantizeNf4, kept };
