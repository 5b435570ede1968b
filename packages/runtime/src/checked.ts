// What others call: each function says what it was given in place of what it takes. The house's own, which have checked that
// already, take it from `@tilewright/runtime/unchecked`.
import {
  checkOptions,
  having,
  listOf,
  nonNegativeInteger,
  oneOf,
  type OptionKind,
  type StorageType,
  trueOrFalse,
} from '@tilewright/kernels';
import * as gpu from './gpu.ts';
import * as tensors from './tensor.ts';

const stored = oneOf('f32', 'f16', 'u32', 'i32');
const withBytes = oneOf('f32', 'f16', 'u32', 'i32', 'u8', 'i8');
const sizes = listOf(nonNegativeInteger);
const aText: OptionKind = { what: 'a text', accepts: (value) => typeof value === 'string' };

/** {@inheritDoc gpu.findGpu} Throws `bad-argument` for what are no options of Dawn. */
export async function findGpu(dawnOptions: readonly string[] = gpu.defaultDawnOptions): Promise<GPU> {
  checkOptions('findGpu', { dawnOptions }, { dawnOptions: listOf(aText) });
  return gpu.findGpu(dawnOptions);
}

/** Of an element on the GPU. Throws `bad-argument` for what is no dtype of tensors. */
export const bytesPerElement: typeof tensors.bytesPerElement = (dtype) => {
  checkOptions('bytesPerElement', { dtype }, { dtype: stored });
  return tensors.bytesPerElement(dtype);
};

/** The product of a shape's sizes. Throws `bad-argument` for what is no list of sizes. */
export const elementCount: typeof tensors.elementCount = (shape) => {
  checkOptions('elementCount', { shape }, { shape: sizes });
  return tensors.elementCount(shape);
};

/** {@inheritDoc tensors.encodeTensor} Throws `bad-argument` for what is no dtype. */
export const encodeTensor: typeof tensors.encodeTensor = (data, dtype, label) => {
  checkOptions('encodeTensor', { dtype, label }, { dtype: withBytes, label: aText });
  return tensors.encodeTensor(data, dtype, label);
};

/** {@inheritDoc tensors.decodeTensor} Throws `bad-argument` for others, and for what is no dtype. */
export function decodeTensor(bytes: Uint8Array, dtype: StorageType): tensors.TensorData;
export function decodeTensor(
  bytes: Uint8Array,
  dtype: StorageType | tensors.ByteType,
): tensors.TensorData | tensors.ByteData;
export function decodeTensor(
  bytes: Uint8Array,
  dtype: StorageType | tensors.ByteType,
): tensors.TensorData | tensors.ByteData {
  checkOptions('decodeTensor', { dtype }, { dtype: withBytes });
  const size = dtype === 'u8' || dtype === 'i8' ? 1 : tensors.bytesPerElement(dtype);
  const whole: OptionKind = {
    what: `a Uint8Array that fills its buffer with whole elements of ${size} bytes`,
    accepts: (value) =>
      value instanceof Uint8Array &&
      value.byteLength === value.buffer.byteLength &&
      value.byteLength % size === 0,
  };
  checkOptions('decodeTensor', { bytes }, { bytes: whole });
  return tensors.decodeTensor(bytes, dtype);
}

/** {@inheritDoc tensors.tensorOver} Throws `bad-argument` for what is no memory of a device, no slice and no shape. */
export const tensorOver: typeof tensors.tensorOver = (memory, slice, shape, dtype, owned, format) => {
  checkOptions(
    'tensorOver',
    { memory, slice, shape, dtype, owned },
    {
      memory: having('the memory of a device', 'upload', 'download'),
      slice: having('a slice of a buffer', 'buffer', 'offsetBytes', 'sizeBytes'),
      shape: sizes,
      dtype: stored,
      owned: trueOrFalse,
    },
  );
  return tensors.tensorOver(memory, slice, shape, dtype, owned, format);
};
