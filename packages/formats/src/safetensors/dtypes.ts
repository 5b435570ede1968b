import { isDenseDType, type DenseDType } from '@tilewright/kernels/weights/dense';

/** What a header may call a dtype: our names in capitals. */
export const headerDtypes =
  'F64, F32, F16, BF16, I64, I32, I16, I8, U32, U16, U8, BOOL, F8_E4M3, F8_E5M2, F8_E8M0';

/**
 * Our dtype for the name in a safetensors header, or undefined for one that we cannot hold (complex numbers).
 */
export function dtypeFromHeader(name: string): DenseDType | undefined {
  const lower = name.toLowerCase();
  return lower !== name && lower.toUpperCase() === name && isDenseDType(lower) ? lower : undefined;
}

export const headerDtype = (dtype: DenseDType): string => dtype.toUpperCase();
