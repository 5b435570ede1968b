import {
  f16BitsToF32,
  f32ToF16Bits,
  type Layout,
  type StorageType,
  TilewrightError,
} from '@tilewright/kernels';
import type { BufferSlice, Memory } from './memory.ts';

export type TensorData = Float32Array | Uint32Array | Int32Array;

/** Numbers on the GPU: a slice of a buffer with a shape. f16 is storage: reading and writing go through f32. */
export interface Tensor extends BufferSlice {
  readonly shape: readonly number[];
  /** Of a weight (a tensor with a `layout`): u32, the words of the layout, while `shape` stays the logical one. */
  readonly dtype: StorageType;
  readonly layout?: Layout;
  /** Replaces the contents; for f16, `Float32Array` values are rounded to nearest. Throws `bad-shape`, `bad-dtype`. */
  write(data: TensorData | readonly number[]): void;
  read(): Promise<TensorData>;
  /** Frees the buffer, where this tensor owns it. */
  dispose(): void;
}

export const bytesPerElement = (dtype: StorageType): number => (dtype === 'f16' ? 2 : 4);

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** A tensor over a slice; `owned` says whether `dispose` frees the buffer. */
export function tensorOver(
  memory: Memory,
  slice: BufferSlice,
  shape: readonly number[],
  dtype: StorageType,
  owned: boolean,
  layout?: Layout,
): Tensor {
  const label = slice.buffer.label || 'tensor';
  const count = layout ? slice.sizeBytes / 4 : elementCount(shape);
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
    ...(layout && { layout }),
    write(data: TensorData | readonly number[]) {
      assertAlive();
      if (data.length !== count)
        throw new TilewrightError('bad-shape', {
          subject: label,
          problem: `${data.length} numbers were given`,
          requirement: `the shape [${shape.join(', ')}] holds ${count}`,
          fix: 'give one number per element',
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

/** The bytes that a tensor of this dtype stores. Throws `bad-dtype` for another type's array. */
export function encodeTensor(
  data: TensorData | ByteData | readonly number[],
  dtype: StorageType | ByteType,
  label: string,
): ArrayBufferView {
  if (dtype === 'f16') return Uint16Array.from(data as ArrayLike<number>, f32ToF16Bits);
  if (Array.isArray(data)) return new arrayTypes[dtype](data as number[]);
  if (data instanceof arrayTypes[dtype]) return data;
  throw new TilewrightError('bad-dtype', {
    subject: label,
    problem: `a ${data.constructor.name} was given`,
    requirement: `the tensor stores ${dtype}`,
    fix: `give a ${arrayTypes[dtype].name}`,
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
