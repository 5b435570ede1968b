import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rope, ropeTable } from './index.ts';
import { ropeReference } from './reference.ts';

const shape = (tokens: number, heads: number, headSize: number, half: number, positions = 17): CheckCase => ({
  axes: { tokens, heads, head_size: headSize, half, positions, pair: 2 },
});
const interleaved = { options: { interleaved: true } };

export const check: KernelCheck = {
  kernel: rope,
  reference: ropeReference,
  cases: [
    shape(1, 1, 2, 1),
    shape(3, 2, 7, 3),
    shape(5, 3, 16, 8),
    shape(5, 3, 20, 8),
    { name: 'partial', ...shape(4, 2, 64, 12) },
    shape(11, 1, 80, 40),
    { ...shape(1, 1, 2, 1), ...interleaved },
    { ...shape(3, 2, 7, 3), ...interleaved },
    { ...shape(5, 3, 20, 8), ...interleaved },
    { ...shape(5, 3, 12, 3), ...interleaved },
    { name: 'large values', ...shape(5, 3, 32, 16), scale: { x: 1e4 } },
  ],
  workloads: [
    { name: 'prefill', model: 'shakespeare-1m', size: 'small', ...shape(128, 4, 32, 16, 128) },
    { name: 'decode', model: 'shakespeare-1m', size: 'small', ...shape(1, 4, 32, 16, 128) },
    { name: 'prefill 512', model: 'Llama-3.2-1B', size: 'large', ...shape(512, 32, 64, 32, 2048) },
  ],
  inputs: ({ axes }, random) => {
    const { tokens, half, positions } = axes as { tokens: number; half: number; positions: number };
    return {
      cos_sin: ropeTable({ headSize: 2 * half, positions }),
      positions: Uint32Array.from({ length: 2 * tokens }, () => Math.floor(random() * positions)),
    };
  },
  floor: () => 0,
};
