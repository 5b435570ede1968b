import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { normalStream } from '../../numbers/philox.ts';
import { packedCase } from '../sequences/packed-case.ts';
import { gatedScan } from './index.ts';
import { gatedScanReference } from './reference.ts';

const both = { states: 'both' };
const inPlace = { states: 'in place' };

const sizes = (
  batch: number,
  tokens: number,
  channels: number,
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  axes: { batch, tokens, channels },
  ...rest,
});

/** Gates of every token and channel, made of normally distributed numbers. */
const gates =
  (of: (value: number) => number): DrawInputs =>
  ({ axes: { batch, tokens, channels } }, random) => {
    const normal = normalStream(Math.floor(random() * 2 ** 31));
    return { a: Float32Array.from({ length: batch! * tokens! * channels! }, () => of(normal())) };
  };

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
const nearOne = gates((value) => 1 - 1e-4 * Math.abs(value));
/** Open or shut, with nothing between. */
const hard = gates((value) => sigmoid(value < 0 ? -30 : 30));
const signed = gates((value) => Math.tanh(value));

export const check: KernelCheck = {
  kernel: gatedScan,
  reference: gatedScanReference,
  cost: ({ axes }, bytes) => ({ bytes, flops: 2 * axes.batch! * axes.tokens! * axes.channels! }),
  cases: [
    sizes(1, 1, 1, { options: both }),
    sizes(3, 7, 9, { options: { states: 'final' } }),
    sizes(2, 31, 4),
    sizes(2, 32, 20, { options: { ...both, reverse: true } }),
    sizes(1, 33, 5, { options: { states: 'initial' } }),
    sizes(2, 127, 16, { options: { reverse: true } }),
    sizes(1, 257, 67, { options: both }),
    sizes(2, 29, 7, { options: inPlace }),
    sizes(1, 67, 9, { options: { ...inPlace, reverse: true } }),
    sizes(70_001, 2, 1),
    sizes(1, 4099, 3, { options: { states: 'final', reverse: true } }),
    sizes(1, 16_384, 4, { name: 'near one', options: both, inputs: nearOne }),
    sizes(2, 300, 6, { name: 'near one', options: { reverse: true }, inputs: nearOne, dtypes: { a: 'f32' } }),
    sizes(1, 257, 8, { name: 'hard gates', options: both, inputs: hard, dtypes: { a: 'f32' } }),
    sizes(2, 200, 12, { name: 'signed', options: { ...both, reverse: true }, inputs: signed }),
    sizes(1, 100, 12, { name: 'large values', scale: { b: 1e4 } }),
    sizes(2, 70, 12, {
      options: both,
      views: {
        a: rowView({ stride: 27, offset: 1 }),
        b: rowView({ stride: 24, offset: { multipleOf: 4 } }),
        h: rowView({ stride: 14, offset: 2 }),
      },
      uniforms: { b_offset: 12 },
    }),
    packedCase([0, 32, 0, 69, 1, 0], sizes(1, 102, 12, { options: both })),
    packedCase([5, 0, 256, 3], sizes(1, 264, 5, { options: { ...inPlace, reverse: true } })),
    packedCase([2, 0, 3], sizes(1, 5, 3, { options: { states: 'final' } })),
  ],
  workloads: [
    { ...sizes(1, 512, 128), name: 'smoothing', model: 'shakespeare-1m', size: 'small' },
    { ...sizes(1, 2048, 2560, { options: both }), name: 'RG-LRU', model: 'recurrentgemma-2b', size: 'large' },
    { ...sizes(8, 2048, 512), name: 'minGRU', model: 'minGRU, LM1B', size: 'large' },
  ],
  inputs: gates(sigmoid),
  // A state is a sum of up to `tokens` terms, each times a product of gates, in another order: √tokens units in the last place
  // (Higham and Mary 2019).
  floor: ({ axes }) => Math.sqrt(axes.tokens!) * 2 ** -24,
};
