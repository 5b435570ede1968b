/** Element types a storage buffer may hold. f16 is storage only: kernels compute in f32. */
export type StorageType = 'f32' | 'f16' | 'u32' | 'i32';
export type UniformType = 'u32' | 'i32' | 'f32';

/** Bytes of an element; one that nobody chose is f32. */
export const storageBytes = (dtype: StorageType = 'f32'): number => (dtype === 'f16' ? 2 : 4);
