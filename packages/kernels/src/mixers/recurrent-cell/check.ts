import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { normalStream } from '../../numbers/philox.ts';
import { gruCell } from './gru.ts';
import { recurrentCell } from './index.ts';
import { lstmCell } from './lstm.ts';
import { recurrentCellReference } from './reference.ts';
import { rnnCell } from './rnn.ts';
import type { RecurrentCell } from './slots.ts';

type Sizes = readonly [batch: number, tokens: number, directions: number, hidden: number];

const sizes = (
  [batch, tokens, directions, hidden]: Sizes,
  cell: RecurrentCell,
  { options, ...rest }: Partial<CheckCase> = {},
): CheckCase => ({
  axes: { batch, tokens, directions, gates: cell.gates, hidden },
  slots: { cell },
  options: { memory: cell.memory ? 'none' : 'off', ...options },
  ...rest,
});

/** Weights that take a state to nothing larger, and lengths of rows from 0 to all tokens. */
const contraction: DrawInputs = ({ axes, options = {} }, random) => {
  const { batch, tokens, directions, gates, hidden } = axes as Record<string, number>;
  const normal = normalStream(Math.floor(random() * 2 ** 31));
  const r = Float32Array.from(
    { length: directions! * gates! * hidden! * hidden! },
    () => (0.7 * normal()) / Math.sqrt(hidden!),
  );
  const lengths = Int32Array.from({ length: batch! }, (_, row) =>
    row === 0 ? tokens! : Math.floor(random() * (tokens! + 1)),
  );
  return { r, ...(options.lengths === true && { lengths }) };
};

const lstm = lstmCell({ bias: true, peepholes: false, couples: false });
const gru = gruCell({ bias: true, resetAfter: true });
const rnn = rnnCell({ bias: true });
const both = { states: 'both', memory: 'both' };
const inPlace = { states: 'in place', memory: 'in place' };

export const check: KernelCheck = {
  kernel: recurrentCell,
  reference: recurrentCellReference,
  cost: ({ axes: { batch, tokens, directions, gates, hidden } }, bytes) => ({
    bytes,
    flops: 2 * batch! * tokens! * directions! * gates! * hidden! * (hidden! + 4),
  }),
  cases: [
    sizes([1, 1, 1, 1], rnnCell({ bias: false }), {
      options: { states: 'final' },
    }),
    sizes([3, 7, 2, 5], rnn, { options: { states: 'both', lengths: true } }),
    sizes([2, 9, 1, 12], rnnCell({ bias: false, activations: [['relu', 'x']] }), {
      options: { reverse: true, layout: 'batch first', states: 'in place' },
    }),
    sizes([2, 6, 1, 7], lstm, { options: both }),
    sizes([3, 5, 2, 16], lstmCell({ bias: true, peepholes: true, couples: false }), {
      options: { ...both, lengths: true, layout: 'batch first' },
    }),
    sizes([2, 11, 1, 9], lstmCell({ bias: false, peepholes: true, couples: true }), {
      options: { ...inPlace, reverse: true, lengths: true },
    }),
    sizes([1, 4, 2, 67], lstmCell({ bias: false, peepholes: false, couples: false }), {
      options: { states: 'final', memory: 'final', sequence: false },
    }),
    sizes([2, 7, 2, 6], gruCell({ bias: true, resetAfter: false }), {
      options: { states: 'both', lengths: true },
    }),
    sizes([3, 6, 1, 20], gruCell({ bias: false, resetAfter: false }), {
      options: { states: 'initial', reverse: true, layout: 'batch first' },
    }),
    sizes([2, 5, 2, 33], gru, {
      options: { states: 'in place', lengths: true, layout: 'batch first' },
    }),
    sizes([1, 3, 1, 132], gru, { options: { states: 'final' } }),
    sizes(
      [2, 5, 2, 10],
      lstmCell({
        bias: true,
        peepholes: false,
        couples: false,
        activations: [
          ['clamp', ['add', ['mul', 0.2, 'x'], 0.5], 0, 1],
          ['softplus', 'x'],
          ['div', 'x', ['add', 1, ['abs', 'x']]],
          ['sigmoid', ['clamp', 'x', -0.5, 0.5]],
          ['tanh', 'x'],
          ['relu', 'x'],
        ],
      }),
      { name: 'functions of each direction', options: both },
    ),
    sizes([2, 130, 1, 8], lstm, { name: 'many tokens', options: both }),
    sizes([2, 40, 2, 8], lstm, {
      name: 'gates of 30',
      options: both,
      scale: { g: 30 },
    }),
    sizes([2, 40, 1, 12], gru, {
      name: 'gates of 30',
      options: { states: 'both' },
      scale: { g: 30 },
    }),
    sizes([300, 2, 2, 3], gru, { options: { states: 'both', lengths: true } }),
  ],
  workloads: [
    {
      ...sizes([4, 14, 2, 48], lstm),
      name: 'rows of an image',
      model: 'Sequencer2D-S',
      size: 'small',
    },
    {
      ...sizes([8, 150, 2, 128], lstm),
      name: 'segments',
      model: 'SkiM',
      size: 'large',
    },
    {
      ...sizes([1, 64, 1, 1024], lstm, { options: both }),
      name: 'language model',
      model: 'AWD-LSTM, 1024',
      size: 'large',
    },
    {
      ...sizes([16, 128, 2, 256], gru, { options: { lengths: true } }),
      name: 'sentences',
      model: 'LAMA',
      size: 'large',
    },
  ],
  inputs: contraction,
  // A sum of `hidden` products for each token in another order, and functions of a few ULP, of which a state keeps some.
  floor: ({ axes }) => (16 + 4 * Math.sqrt(axes.hidden! + axes.tokens!)) * 2 ** -24,
};
