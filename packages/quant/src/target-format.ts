import type { Quantizer, WeightFormat } from '@tilewright/kernels';
import type { WeightInput } from '@tilewright/compression';

/**
 * What a quantized weight is stored like: as sparsely as before. Refuses, before any work is done, what could not be packed.
 */
export function targetFormat(
  { tensor: { format } }: WeightInput,
  { format: codes }: Pick<Quantizer, 'format'>,
): WeightFormat {
  format.withValues?.(codes);
  return format;
}
