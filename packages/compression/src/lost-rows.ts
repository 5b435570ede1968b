import { TilewrightError } from '@tilewright/kernels';
import { type HostTensor, unpack } from '@tilewright/kernels/weights';
import { checkCompressionKinds } from './check-kinds.ts';
import { rowRuns } from './float-matrix.ts';
import type { WeightInput } from './recipe.ts';

/**
 * The tensor, once it is known that no row became zero whose weights are not all zero: too small for what the format can
 * store, as others are too large. `values`: what was to be stored; null
 * for the weight as it came. Throws `bad-argument`, messages speak for `subject`.
 */
export function withoutLostRows(
  subject: string,
  input: WeightInput,
  values: Float32Array | null,
  tensor: HostTensor,
): HostTensor {
  checkCompressionKinds(subject, { input, changed: tensor });
  const { name, codecs } = input;
  const columns = tensor.shape.at(-1)!;
  for (const range of rowRuns(tensor.shape)) {
    const before =
      values?.subarray(range[0] * columns, range[1] * columns) ?? unpack(input.tensor, codecs, range);
    const stored = tensor.format.rowless
      ? unpack(tensor, codecs).subarray(range[0] * columns, range[1] * columns)
      : unpack(tensor, codecs, range);
    for (let start = 0; start < before.length; start += columns) {
      const largest = before
        .subarray(start, start + columns)
        .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const isLost = largest > 0 && stored.subarray(start, start + columns).every((value) => value === 0);
      if (isLost)
        throw new TilewrightError('bad-argument', {
          subject,
          problem: `row ${range[0] + start / columns} of '${name}' would be all zeros: its largest weight is ${largest}`,
          requirement: `${tensor.format.name} stores numbers in f16, of which the smallest is 2^-24`,
          fix: 'leave it out by `select`, or scale it up',
        });
    }
  }
  return tensor;
}
