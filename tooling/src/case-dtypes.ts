import type { KernelCheck, StorageType } from '@tilewright/kernels';

/** How each float tensor of a kernel is stored where a check says one type for all of them, or names them. */
export function dtypesOf(
  check: KernelCheck,
  dtype: StorageType | Readonly<Record<string, StorageType>>,
): Record<string, StorageType> {
  if (typeof dtype !== 'string') return { ...dtype };
  const tensors = { ...check.kernel.inputs, ...check.kernel.outputs };
  const floats = Object.keys(tensors).filter((name) => (tensors[name]!.dtype ?? 'float') === 'float');
  return Object.fromEntries(floats.map((name) => [name, dtype]));
}
