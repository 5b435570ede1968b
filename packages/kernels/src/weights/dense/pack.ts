import { TilewrightError } from '../../contract/errors.ts';
import type { HostTensor } from '../../contract/weight-format.ts';
import { f32ToBf16Bits, f32ToF16Bits } from '../../numbers/float16.ts';
import { dense } from './format.ts';
import { zeros } from './pack-f32.ts';

/**
 * A dense tensor of f32, f16 or bf16 elements, rounded to nearest, ties to even.
 *
 * @throws `bad-argument` for a number of values that is not the shape's, or a finite value that the dtype would turn
 * into an infinity.
 */
export function packDense(
  values: Float32Array,
  shape: readonly number[],
  dtype: 'f32' | 'f16' | 'bf16',
): HostTensor {
  const tensor = zeros('packDense', dense(dtype), shape, values.length);
  if (dtype === 'f32') {
    new Float32Array(tensor.bytes.buffer).set(values);
    return tensor;
  }
  const halves = new Uint16Array(tensor.bytes.buffer);
  const [encode, infinity] = dtype === 'f16' ? [f32ToF16Bits, 0x7c00] : [f32ToBf16Bits, 0x7f80];
  for (let i = 0; i < values.length; i++) {
    const half = encode(values[i]!);
    if ((half & 0x7fff) === infinity && Number.isFinite(values[i])) {
      throw new TilewrightError('bad-argument', {
        subject: 'packDense',
        problem: `value ${values[i]} at index ${i} is beyond ${dtype}`,
        requirement: 'a finite weight must stay finite',
        fix: 'store this tensor as f32, or scale it down',
      });
    }
    halves[i] = half;
  }
  return tensor;
}
