import type { KeptFields, WeightCodec } from '../../contract/weight-codec.ts';
import type { HostTensor, WeightFormat } from '../../contract/weight-format.ts';
import { TilewrightError } from '../../contract/errors.ts';
import { bf16BitsToF32 } from '../../numbers/float16.ts';
import { readHalves } from '../../numbers/read-halves.ts';
import { alignedBytes, tensorSections } from '../sections.ts';
import type { DenseDType } from './dtype.ts';
import { denseDType } from './format.ts';

/**
 * The numbers of a dense tensor, row-major. Integers beyond 2²⁴ and f64 round to f32; bool gives 0 and 1.
 *
 * @throws `bad-format` for another format and for floats of eight bits, which mean something with a scale only, `bad-argument` where the tensor has not its format's number of bytes.
 */
export function unpackDense(tensor: HostTensor): Float32Array {
  const dtype = denseDType(tensor.format);
  const elements = dtype && elementsOf(tensor, dtype);
  if (elements) return elements;
  throw new TilewrightError('bad-format', {
    subject: 'unpackDense',
    problem: `the tensor is stored as ${tensor.format.name}`,
    requirement: 'it takes dense tensors, of more than eight bits where they are floats',
    fix: 'unpack it with the codec of its own format',
  });
}

function elementsOf(tensor: HostTensor, dtype: DenseDType): Float32Array | undefined {
  const { rows, columns } = tensorSections('unpack', tensor);
  return readElements(alignedBytes(tensor), dtype, rows * columns);
}

const kept: KeptFields = {
  read: (format, bytes, offset, fields) => fields.set(fieldsAt(format, bytes, offset, fields.length)),
  write: (format, fields, bytes, offset) => fieldsAt(format, bytes, offset, fields.length).set(fields),
  zero: () => () => 0,
  // Without the sign: minus zero is zero.
  isZero: (format, field) => (format.kept!.bits === 32 ? field << 1 : field & 0x7fff) === 0,
};

export const denseCodec: WeightCodec = {
  family: 'dense',
  unpack: unpackDense,
  kept,
};

function fieldsAt(
  format: WeightFormat,
  { buffer, byteOffset }: Uint8Array,
  offset: number,
  count: number,
): Uint32Array | Uint16Array {
  const start = byteOffset + offset;
  return format.kept!.bits === 32
    ? new Uint32Array(buffer, start, count)
    : new Uint16Array(buffer, start, count);
}

function readElements(
  bytes: Uint8Array<ArrayBuffer>,
  dtype: DenseDType,
  count: number,
): Float32Array | undefined {
  const { buffer, byteOffset } = bytes;
  switch (dtype) {
    case 'f32':
      return new Float32Array(buffer, byteOffset, count).slice();
    case 'f16':
      return readHalves(new Uint16Array(buffer, byteOffset, count));
    case 'bf16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count), bf16BitsToF32);
    case 'f64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, count));
    case 'i64':
      return Float32Array.from(new BigInt64Array(buffer, byteOffset, count), Number);
    case 'i32':
      return Float32Array.from(new Int32Array(buffer, byteOffset, count));
    case 'u32':
      return Float32Array.from(new Uint32Array(buffer, byteOffset, count));
    case 'i16':
      return Float32Array.from(new Int16Array(buffer, byteOffset, count));
    case 'u16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count));
    case 'i8':
      return Float32Array.from(new Int8Array(buffer, byteOffset, count));
    case 'u8':
      return Float32Array.from(bytes.subarray(0, count));
    case 'bool':
      return Float32Array.from(bytes.subarray(0, count), (byte) => (byte === 0 ? 0 : 1));
    default:
      return undefined;
  }
}
