import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import type { OptionValue } from '../../contract/contract.ts';
import { dequantizeLinear } from './index.ts';
import { dequantizeLinearReference } from './reference.ts';

function shape(
  [outer, length, inner, block = 1]: readonly [number, number, number, number?],
  options: Readonly<Record<string, OptionValue>> = {},
): CheckCase {
  const words = (count: number): number => (options.x_type === 'i32' ? count : Math.ceil(count / 4));
  const blocks = Math.ceil(length / block);
  const perScale = { tensor: 1, axis: blocks, block: outer * blocks * inner };
  const scales = perScale[(options.scale_per ?? 'tensor') as keyof typeof perScale];
  return {
    axes: {
      outer,
      length,
      inner,
      block,
      x_words: words(outer * length * inner),
      scales,
      ...(options.zero_point && { zero_words: words(scales) }),
    },
    options,
  };
}

export const check: KernelCheck = {
  kernel: dequantizeLinear,
  reference: dequantizeLinearReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: 2 * axes.outer! * axes.length! * axes.inner! }),
  cases: [
    shape([1, 1, 1]),
    shape([1, 4, 1], { zero_point: true }),
    shape([2, 3, 5], { x_type: 'i8', scale_per: 'axis' }),
    shape([1, 3, 12], { zero_point: true, scale_per: 'axis' }),
    shape([1, 4, 6, 2], { zero_point: true, scale_per: 'block' }),
    shape([3, 7, 5, 3], { x_type: 'i8', zero_point: true, scale_per: 'block' }),
    shape([2, 3, 7], { x_type: 'i32', zero_point: true, scale_per: 'axis' }),
    shape([67, 33, 1, 32], { x_type: 'i8', scale_per: 'block' }),
    { name: 'large scales', ...shape([3, 5, 4], { x_type: 'i8', zero_point: true }), scale: { scale: 1e4 } },
  ],
  workloads: [
    {
      name: 'activations',
      model: 'shakespeare-1m',
      size: 'small',
      ...shape([128, 128, 1], { zero_point: true }),
    },
    {
      name: 'weight by channel',
      model: 'BERT-base (int8)',
      size: 'large',
      ...shape([1, 3072, 768], { x_type: 'i8', scale_per: 'axis' }),
    },
  ],
  inputs: ({ axes, options }, random) => {
    // 32-bit integers within what f32 holds exactly; every byte is a valid one.
    const draw = (name: string): Uint32Array =>
      Uint32Array.from({ length: axes[name] ?? 0 }, () =>
        options?.x_type === 'i32' ? Math.floor((random() - 0.5) * 2 ** 20) : Math.floor(random() * 2 ** 32),
      );
    return { x: draw('x_words'), zero_point: draw('zero_words') };
  },
  floor: () => 0,
};
