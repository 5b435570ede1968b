import type { KernelCheck } from '../../contract/check.ts';
import { roll } from './index.ts';
import { rollReference } from './reference.ts';

export const check: KernelCheck = {
  kernel: roll,
  reference: rollReference,
  cost: (_, bytes) => ({ bytes, flops: 0 }),
  cases: [
    { axes: { batch: 1, tokens: 1, channels: 1 }, options: { grid: '1', shift: '5' } },
    { axes: { batch: 2, tokens: 12, channels: 5 }, options: { grid: '3x4', shift: '-1 9' } },
    { axes: { batch: 3, tokens: 30, channels: 8 }, options: { grid: '2x3x5', shift: '1 -2 -13' } },
    { axes: { batch: 2, tokens: 67, channels: 12 }, options: { grid: '67', shift: '0' } },
  ],
  workloads: [
    {
      name: 'shifted windows, third stage',
      model: 'Swin-T',
      size: 'small',
      axes: { batch: 1, tokens: 196, channels: 384 },
      options: { grid: '14x14', shift: '-3 -3' },
    },
    {
      name: 'shifted windows, first stage',
      model: 'Swin-T',
      size: 'large',
      axes: { batch: 8, tokens: 3136, channels: 96 },
      options: { grid: '56x56', shift: '-3 -3' },
    },
  ],
  floor: () => 0,
};
