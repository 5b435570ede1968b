import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { packedCase } from '../sequences/packed-case.ts';
import { peakScan } from './index.ts';
import { peakScanReference } from './reference.ts';

const sizes = (
  batch: number,
  tokens: number,
  channels: number,
  rest: Partial<CheckCase> = {},
): CheckCase => ({ axes: { batch, tokens, channels }, ...rest });

export const check: KernelCheck = {
  kernel: peakScan,
  reference: peakScanReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: 16 * axes.batch! * axes.tokens! * axes.channels! }),
  cases: [
    sizes(1, 1, 1, { options: { states: 'both' } }),
    sizes(3, 7, 9, { options: { states: 'final' } }),
    sizes(2, 33, 4, { options: { states: 'both', reverse: true } }),
    sizes(2, 130, 5, { options: { states: 'in place' } }),
    sizes(1, 257, 8, {
      options: { states: 'initial' },
      scale: { forget: 30, input: 30 },
      name: 'hard gates',
    }),
    sizes(1, 1031, 3, { scale: { input: 0.1 }, name: 'long' }),
    sizes(2, 70, 12, { options: { states: 'final' }, scale: { input: 100 } }),
    sizes(2, 19, 6, {
      views: {
        forget: rowView({ stride: 14, offset: 2 }),
        input: rowView({ stride: 9, offset: { multipleOf: 1 } }),
        before: rowView({ stride: 8, offset: 4 }),
      },
      uniforms: { input_offset: 5 },
    }),
    packedCase([0, 32, 0, 69, 1, 0], sizes(1, 102, 12, { options: { states: 'both' } })),
    packedCase([5, 0, 256], sizes(1, 261, 5, { options: { states: 'in place', reverse: true } })),
  ],
  workloads: [
    { ...sizes(1, 512, 4), name: 'gates', model: 'xlstm-125m', size: 'small' },
    {
      ...sizes(1, 2048, 8, { options: { states: 'both' } }),
      name: 'gates',
      model: 'xlstm-7b',
      size: 'large',
    },
  ],
  // Sums of up to `tokens` logarithms in another order (Higham and Mary 2019).
  floor: ({ axes }) => Math.sqrt(axes.tokens!) * 2 ** -23,
};
