import {
  aKindOf,
  awaitFix,
  f16BitsToF32,
  f32ToStoredF16Bits,
  type WeightFormat,
  type StorageType,
  TilewrightError,
} from '@tilewright/kernels';
import type { BufferSlice, Memory } from './memory.ts';

export type TensorData = Float32Array | Uint32Array | Int32Array;

/** Numbers on the GPU: a slice of a buffer with a shape. f16 is storage: reading and writing go through f32. */
export interface Tensor extends BufferSlice {
  readonly shape: readonly number[];
  /** Of a weight (a tensor with a `format`): u32, the words of the format, while `shape` stays the logical one. */
  readonly dtype: StorageType;
  readonly format?: WeightFormat;
  /** Replaces the contents; for f16, `Float32Array` values are rounded to nearest. Throws `bad-shape`, `bad-dtype`. */
  write(data: TensorData | readonly number[]): void;
  read(): Promise<TensorData>;
  /** Frees the buffer, where this tensor owns it. */
  dispose(): void;
}

export const bytesPerElement = (dtype: StorageType): number => (dtype === 'f16' ? 2 : 4);

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

const isNested = (data: TensorData | readonly number[]): boolean =>
  Array.isArray(data) && Array.isArray(data[0]);

/** A tensor over a slice; `owned` says whether `dispose` frees the buffer. */
export function tensorOver(
  memory: Memory,
  slice: BufferSlice,
  shape: readonly number[],
  dtype: StorageType,
  owned: boolean,
  format?: WeightFormat,
): Tensor {
  const label = slice.buffer.label || 'tensor';
  const count = format ? slice.sizeBytes / 4 : elementCount(shape);
  let disposed = false;
  const assertAlive = (): void => {
    if (disposed)
      throw new TilewrightError('disposed', {
        subject: label,
        problem: 'the tensor was used after dispose()',
        fix: 'dispose of it later, or make a new one',
      });
  };
  return Object.freeze({
    ...slice,
    shape,
    dtype,
    ...(format && { format }),
    write(data: TensorData | readonly number[]) {
      assertAlive();
      if (typeof data?.length === 'number' && data.length !== count)
        throw new TilewrightError('bad-shape', {
          subject: label,
          problem: `${data.length} ${isNested(data) ? 'lists' : 'numbers'} were given`,
          requirement: `the shape [${shape.join(', ')}] holds ${count}${isNested(data) ? ' numbers, one after the other' : ''}`,
          fix: isNested(data) ? 'flatten them: data.flat(Infinity)' : 'give one number per element',
        });
      memory.upload(slice, encodeTensor(data, dtype, label));
    },
    async read() {
      assertAlive();
      return decodeTensor(await memory.download(slice), dtype);
    },
    dispose() {
      if (owned && !disposed) memory.free(slice.buffer);
      disposed = true;
    },
  });
}

/** What else a buffer may hold: bytes, four to a word. */
export type ByteType = 'u8' | 'i8';
export type ByteData = Uint8Array | Int8Array;

/**
 * The bytes that a tensor of this dtype stores. Throws `bad-dtype` for another type's array, for what is no array, and for
 * numbers that the type does not hold.
 */
export function encodeTensor(
  data: TensorData | ByteData | readonly number[],
  dtype: StorageType | ByteType,
  label: string,
): ArrayBufferView {
  if (Array.isArray(data)) checkNumbers(data as readonly unknown[], dtype, label);
  const { name } = arrayTypes[dtype === 'f16' ? 'f32' : dtype];
  if (dtype === 'f16' && (Array.isArray(data) || data instanceof Float32Array))
    return Uint16Array.from(data as ArrayLike<number>, f32ToStoredF16Bits);
  if (dtype !== 'f16' && Array.isArray(data)) return new arrayTypes[dtype](data as number[]);
  if (dtype !== 'f16' && data instanceof arrayTypes[dtype]) return data;
  throw new TilewrightError('bad-dtype', {
    subject: label,
    problem: `${aKindOf(data)} was given`,
    requirement: `the tensor stores ${dtype}`,
    fix: awaitFix(data, `give a ${name}, or an array of numbers`),
  });
}

const ranges = {
  u32: [0, 2 ** 32 - 1],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u8: [0, 255],
  i8: [-128, 127],
} as const;

/** Arrays of JavaScript hold anything; stored as another type, what does not fit would become another number. */
function checkNumbers(data: readonly unknown[], dtype: StorageType | ByteType, label: string): void {
  const range = dtype === 'f32' || dtype === 'f16' ? undefined : ranges[dtype];
  const fits = (value: unknown): boolean =>
    typeof value === 'number' &&
    (range === undefined || (Number.isInteger(value) && value >= range[0] && value <= range[1]));
  const at = data.findIndex((value) => !fits(value));
  if (at < 0) return;
  const value = data[at];
  throw new TilewrightError('bad-dtype', {
    subject: label,
    problem: `element ${at} is ${typeof value === 'number' ? value : aKindOf(value)}`,
    requirement: range
      ? `${dtype} stores whole numbers from ${range[0]} to ${range[1]}`
      : `${dtype} stores numbers`,
    fix: Array.isArray(value)
      ? 'give the numbers in one flat array'
      : range
        ? 'round them, or choose another dtype'
        : 'give numbers',
  });
}

/** The numbers in bytes that start at the beginning of their buffer. */
export function decodeTensor(bytes: Uint8Array, dtype: StorageType): TensorData;
export function decodeTensor(bytes: Uint8Array, dtype: StorageType | ByteType): TensorData | ByteData;
export function decodeTensor(bytes: Uint8Array, dtype: StorageType | ByteType): TensorData | ByteData {
  if (dtype === 'f16') return Float32Array.from(new Uint16Array(bytes.buffer as ArrayBuffer), f16BitsToF32);
  return new arrayTypes[dtype](bytes.buffer as ArrayBuffer);
}

const arrayTypes = { f32: Float32Array, u32: Uint32Array, i32: Int32Array, u8: Uint8Array, i8: Int8Array };
