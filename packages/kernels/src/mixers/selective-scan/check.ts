import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { normalStream } from '../../numbers/philox.ts';
import { packedCase } from '../sequences/packed-case.ts';
import { selectiveScan } from './index.ts';
import { selectiveScanReference } from './reference.ts';

const sizes = (
  [batch, tokens, channels, states, groups]: readonly [number, number, number, number, number],
  options: CheckCase['options'] = {},
  rest: Partial<CheckCase> = {},
): CheckCase => ({ ...rest, axes: { batch, tokens, channels, states, groups }, options });

const draw =
  (delta: (normal: number) => number): DrawInputs =>
  ({ axes: { batch, tokens, channels, states } }, random) => {
    const normal = normalStream(Math.floor(random() * 2 ** 31));
    return {
      delta: Float32Array.from({ length: batch! * tokens! * channels! }, () => delta(normal())),
      rate: Float32Array.from({ length: channels! * states! }, (_, i) => -1 - (i % states!)),
    };
  };
const soft = draw((normal) => Math.abs(normal) / 8);
/** Every third gate is so far below 0 that only a sigmoid of 0 closes it. */
const closed: DrawInputs = (problem, random) => {
  const { batch, tokens, channels } = problem.axes;
  const gate = Float32Array.from({ length: batch! * tokens! * channels! }, (_, i) =>
    i % 3 === 1 ? -3e38 : 2 * random() - 1,
  );
  return { ...soft(problem, random), gate };
};
const all = { softplus: true, bias: true, skip: true, gate: true };

export const check: KernelCheck = {
  kernel: selectiveScan,
  reference: selectiveScanReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: 6 * axes.batch! * axes.tokens! * axes.channels! * axes.states!,
  }),
  cases: [
    sizes([1, 1, 1, 1, 1], { states: 'both' }),
    sizes([2, 31, 9, 5, 3], { ...all, states: 'both' }),
    sizes([1, 33, 8, 16, 2], { softplus: true, skip: true, states: 'final', reverse: true }),
    sizes([1, 70, 20, 8, 1], { ...all, states: 'in place' }),
    sizes([3, 7, 24, 5, 3], { gate: true, states: 'initial' }),
    sizes([1, 131, 12, 4, 4], { softplus: true, bias: true, reverse: true }),
    sizes(
      [1, 257, 16, 16, 2],
      { ...all, states: 'both' },
      { name: 'hard steps', inputs: draw((normal) => (normal < 0 ? -30 : 30)) },
    ),
    sizes(
      [2, 19, 7, 3, 1],
      { gate: true },
      { name: 'closed gates', inputs: closed, dtypes: { gate: 'f32' } },
    ),
    sizes(
      [1, 16_384, 4, 2, 1],
      { states: 'both' },
      { name: 'slow decay', inputs: draw(() => 1e-7), dtypes: { delta: 'f32' } },
    ),
    sizes(
      [1, 97, 6, 3, 1],
      { softplus: true, states: 'both' },
      {
        name: 'steps near 0',
        inputs: draw((normal) => -30 - Math.abs(normal)),
        scale: { x: 1e12, initial: 1e-3 },
        dtypes: { x: 'f32', final: 'f32' },
      },
    ),
    sizes(
      [2, 37, 6, 5, 2],
      { ...all, states: 'in place' },
      {
        views: {
          x: rowView({ stride: 26, offset: 0 }),
          b: rowView({ stride: 26, offset: { multipleOf: 2 }, inner: [{ size: 2, stride: 5 }] }),
          c: rowView({ stride: 31, offset: 3, inner: [{ size: 2, stride: 7 }] }),
          gate: rowView({ stride: 12, offset: 6 }),
        },
        uniforms: { b_offset: 6 },
      },
    ),
    packedCase([0, 32, 0, 69, 1, 0], sizes([1, 102, 12, 5, 2], { ...all, states: 'in place' })),
    packedCase(
      [33, 0, 64],
      sizes([1, 97, 6, 3, 1], {
        softplus: true,
        states: 'in place',
        reverse: true,
      }),
    ),
  ],
  workloads: [
    { ...sizes([1, 128, 256, 16, 1], all), name: 'mixer', model: 'mamba-130m, a sixth', size: 'small' },
    {
      ...sizes([1, 2048, 5120, 16, 1], { ...all, states: 'both' }),
      name: 'mixer',
      model: 'mamba-2.8b',
      size: 'large',
    },
  ],
  inputs: soft,
  // A state is a sum of up to `tokens` terms, each times a product of decays, in another order (Higham and Mary 2019).
  floor: ({ axes }) => 4 * Math.sqrt(axes.tokens! + axes.states!) * 2 ** -24,
};
