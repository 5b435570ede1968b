import { checkHost } from '../check-host.ts';
import { TilewrightError } from '../../contract/errors.ts';
import type { KeptFields, WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { readCodes, writeCodes } from '../codes.ts';
import { dequantizeGrouped, scalesOf, unpackGrouped, zerosOf } from '../grouped/numbers.ts';
import { sectionNamed } from '../sections.ts';
import { type IntegerFormat, isInteger } from './format.ts';
import type { IntegerParts } from './pack.ts';

type IntegerTensor = HostTensor & { readonly format: IntegerFormat };

const codeNumbers: readonly number[] = Array.from({ length: 256 }, (_, code) => code);

/** The numbers of an integer matrix, row-major. Throws as {@link unpackInteger}. */
export const dequantizeInteger = (tensor: HostTensor): Float32Array =>
  dequantizeGrouped(checked(tensor), codeNumbers);

/**
 * Codes, scales and zero points of an integer matrix.
 *
 * @throws `bad-format` for a tensor of another format, or with nested scales; `bad-argument` where its bytes are not as many as
 * the format takes.
 */
export function unpackInteger(tensor: HostTensor): IntegerParts {
  const { format } = checked(tensor);
  const { scaling } = format;
  if (scaling.kind !== 'plain')
    throw new TilewrightError('bad-format', {
      subject: 'unpackInteger',
      problem: `${format.name} has nested scales`,
      requirement: 'it takes formats with a scale for each group',
      fix: 'take its sections with unpackGrouped',
    });
  const { codes, sections } = unpackGrouped(checked(tensor));
  const { zero, minimum } = scaling;
  return {
    codes,
    scales: scalesOf(sections.scales!, scaling.scale),
    ...(zero === 'bytes' && { zeroPoints: sections['zero points']! }),
    ...((zero === 'f16' || zero === 'f32') && {
      [minimum ? 'minimums' : 'zeroPoints']: zerosOf(sections[minimum ? 'minimums' : 'zero points']!, zero),
    }),
    ...(sections.groups && {
      groups: new Uint16Array(sections.groups.buffer).slice(0, tensor.shape.at(-1)),
    }),
  };
}

function checked(tensor: HostTensor): IntegerTensor {
  checkHost('unpackInteger', { tensor });
  const { format } = tensor;
  if (isInteger(format)) return { ...tensor, format };
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
    const { zeroCode, group } = format as IntegerFormat;
    if (zeroCode !== undefined) return () => zeroCode;
    const { offset, rowBytes } = sectionNamed(format.sections(shape).sections, 'zero points');
    const groupOf = (column: number): number => (group === 'row' ? 0 : Math.floor(column / group));
    return (row, column) => bytes[offset + row * rowBytes + groupOf(column)]!;
  },
  isZero: (_, field, zero) => field === zero,
};

export const integerCodec: WeightCodec = {
  family: 'integer',
  unpack: dequantizeInteger,
  kept,
};
