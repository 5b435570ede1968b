import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { hadamard } from './index.ts';
import { hadamardReference } from './reference.ts';

const sizes = (outer: number, size: number, inner = 1): CheckCase => ({
  axes: { outer, size, inner },
  scalars: { scale: 1 / Math.sqrt(size) },
});

export const check: KernelCheck = {
  kernel: hadamard,
  reference: hadamardReference,
  cost: ({ axes: { outer, size, inner } }, bytes) => ({
    bytes,
    flops: outer! * inner! * size! * Math.log2(size!),
  }),
  cases: [
    sizes(1, 1),
    { ...sizes(3, 2), scalars: { scale: 1 } },
    sizes(5, 4, 3),
    sizes(7, 16, 5),
    sizes(33, 64),
    sizes(3, 12),
    { ...sizes(2, 48, 7), options: { inverse: true } },
    { ...sizes(3, 20), options: { inverse: true } },
    sizes(2, 640),
    sizes(2, 1024, 3),
    { ...sizes(2, 512), name: 'large values', scale: { x: 1e30 } },
    { ...sizes(1, 8192), name: 'beyond a workgroup' },
    { ...sizes(1, 6144, 3), name: 'beyond a workgroup, with a base, inside' },
  ],
  workloads: [
    { ...sizes(64, 128), name: 'heads', model: 'llama-3-8b', size: 'small' },
    {
      ...sizes(2048, 4096),
      name: 'hidden',
      model: 'llama-3-8b',
      size: 'large',
    },
  ],
  // Sums and one product.
  floor: () => 2 * 2 ** -23,
};
