import { TilewrightError } from '@tilewright/kernels';
import { type HostTensor, unpack } from '@tilewright/kernels/weights';
import type { WeightInput } from './recipe.ts';

/**
 * The tensor, once it is known that no row became zero whose weights are not all zero: too small for what the format can
 * store, as others are too large. Throws `bad-argument`, messages speak for `subject`.
 */
export function withoutLostRows(
  subject: string,
  { name, codecs }: WeightInput,
  values: Float32Array,
  tensor: HostTensor,
): HostTensor {
  const columns = tensor.shape.at(-1)!;
  const stored = unpack(tensor, codecs);
  for (let start = 0; start < values.length; start += columns) {
    const largest = values
      .subarray(start, start + columns)
      .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const isLost = largest > 0 && stored.subarray(start, start + columns).every((value) => value === 0);
    if (isLost)
      throw new TilewrightError('bad-argument', {
        subject,
        problem: `row ${start / columns} of '${name}' would be all zeros: its largest weight is ${largest}`,
        requirement: `${tensor.format.name} stores numbers in f16, of which the smallest is 2^-24`,
        fix: 'leave it out by `select`, or scale it up',
      });
  }
  return tensor;
}
