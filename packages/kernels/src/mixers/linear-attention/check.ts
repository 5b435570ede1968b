import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
import { rowView } from '../../contract/row-view.ts';
import { normalStream } from '../../numbers/philox.ts';
import { elu1Map, expMap, reluMap, squaredReluMap } from './feature-maps.ts';
import { linearAttention } from './index.ts';
import { boundedRatio, exponentialGates } from './matrix-lstm.ts';
import { linearAttentionReference } from './reference.ts';
import { sumRatio } from './ratio.ts';
import { packedCase } from '../sequences/packed-case.ts';
import { skipAndGate, stateSpaceGates } from './state-space.ts';

type Shape = readonly [
  batch: number,
  tokens: number,
  keys: number,
  heads: readonly [queries: number, keys: number, values: number],
  keySize: number,
  valueSize: number,
];

/** A case of these sizes. */
export const shape = (
  [batch, tokens, keys, heads, keySize, valueSize]: Shape,
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  ...rest,
  axes: {
    batch,
    tokens,
    keys,
    heads: heads[0],
    key_heads: heads[1],
    value_heads: heads[2],
    outputs: Math.max(heads[0], heads[2]),
    key_size: keySize,
    value_size: valueSize,
    ...rest.axes,
  },
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Gates of normal numbers times `spread`, keys and probes of length 1, strengths from 0 to `strongest`. */
export const draw =
  (spread: number, strongest: number): DrawInputs =>
  ({ axes, options = {} }, random) => {
    const normal = normalStream(Math.floor(random() * 2 ** 31));
    const {
      batch,
      keys,
      key_heads: keyHeads,
      value_heads: heads,
      key_size: size,
    } = axes as Record<string, number>;
    const rows = batch! * keys! * heads!;
    const unit = (count: number, factor: (row: number) => number = () => 1): Float32Array => {
      const x = Float32Array.from({ length: count * size! }, normal);
      for (let row = 0; row < count; row++) {
        const part = x.subarray(row * size!, (row + 1) * size!);
        const length = Math.sqrt(part.reduce((sum, each) => sum + each * each, 1e-6));
        part.forEach((each, i) => (part[i] = (each / length) * factor(row)));
      }
      return x;
    };
    const probe = unit(rows);
    const eraser = probe.map((each, i) => -each * strongest * sigmoid(Math.sin(Math.floor(i / size!))));
    return {
      ...(options.rule === 'delta' && {
        k: unit(batch! * keys! * keyHeads!),
        beta: Float32Array.from(
          { length: batch! * keys! * axes.beta_heads! },
          () => strongest * sigmoid(spread * normal()),
        ),
      }),
      ...(options.rule === 'general' && { probe, eraser }),
      ...((options.decay ?? 'none') !== 'none' && {
        decay: Float32Array.from({ length: options.decay === 'key' ? rows * size! : rows }, () =>
          Math.max(Math.log(sigmoid(spread * normal())), -80),
        ),
      }),
    };
  };

const soft = draw(1, 1);
/** Gates of ±30 and strengths up to 2. */
const hard = draw(30, 2);
/** Decays so near 1 that sums of their logarithms lose them: those of 16,384 tokens come to 0.998. */
const slow: DrawInputs = (input, random) => {
  const inputs = soft(input, random);
  return { ...inputs, decay: (inputs.decay as Float32Array).fill(-1e-7) };
};

export const check: KernelCheck = {
  kernel: linearAttention,
  reference: linearAttentionReference,
  cost: ({ axes, options }, bytes) => {
    const { batch, tokens, keys, outputs, value_heads: heads } = axes as Record<string, number>;
    const state = axes.key_size! * axes.value_size!;
    const writes = options.rule === 'add' ? 2 : 4;
    return {
      bytes,
      flops:
        batch! *
        state *
        (2 * tokens! * outputs! + (writes + Number(options.decay !== 'none')) * keys! * heads!),
    };
  },
  cases: [
    shape([1, 1, 1, [1, 1, 1], 1, 1], { options: { states: 'both' } }),
    shape([2, 1, 1, [4, 2, 2], 20, 12], {
      options: { rule: 'delta', decay: 'head', states: 'in place' },
      axes: { beta_heads: 2 },
    }),
    shape([2, 37, 37, [2, 2, 2], 9, 33], { options: { states: 'both', decay: 'key' } }),
    shape([1, 67, 67, [1, 1, 3], 12, 40], {
      options: { states: 'final', decay: 'head', reverse: true, state_order: 'value key' },
    }),
    shape([1, 70, 70, [4, 2, 2], 16, 8], {
      options: { rule: 'delta', states: 'initial' },
      axes: { beta_heads: 1 },
    }),
    shape([1, 33, 33, [2, 2, 2], 64, 20], {
      options: { rule: 'delta', decay: 'key', states: 'both' },
      axes: { beta_heads: 2 },
    }),
    shape([2, 35, 35, [2, 2, 2], 7, 5], {
      scalars: { scale: 0.5 },
      options: { rule: 'general', decay: 'key', states: 'both', state_order: 'value key', reverse: true },
    }),
    shape([1, 19, 45, [6, 3, 3], 8, 36], {
      scalars: { feature_scale: 0.5 },
      options: { causal: false, cross: true, sums: 'both', states: 'both' },
      slots: { feature_map: elu1Map, finish: sumRatio(1e-6) },
    }),
    shape([2, 41, 23, [2, 1, 1], 5, 7], {
      options: { cross: true, sums: 'in place', states: 'in place' },
      slots: { feature_map: expMap },
    }),
    shape([2, 45, 45, [2, 2, 4], 10, 6], {
      name: 'state space',
      options: { states: 'both', state_order: 'value key' },
      slots: {
        gates: stateSpaceGates({ softplus: true, bias: true }),
        finish: skipAndGate({ skip: true, gate: true }),
      },
      inputs: (input) => ({
        'gates.rate': Float32Array.from({ length: input.axes.value_heads! }, (_, i) => -0.3 - i),
      }),
    }),
    shape([1, 35, 35, [1, 1, 2], 8, 5], {
      name: 'state space',
      options: { states: 'in place', reverse: true },
      slots: {
        feature_map: reluMap,
        gates: stateSpaceGates({ softplus: false, bias: false }),
        finish: skipAndGate({ skip: true, gate: false }),
      },
      inputs: ({ axes }) => ({
        'gates.step': Float32Array.from({ length: axes.keys! * axes.value_heads! }, (_, i) => (i % 7) / 8),
        'gates.rate': Float32Array.from({ length: axes.value_heads! }, (_, i) => -0.3 - i),
      }),
    }),
    shape([2, 37, 37, [2, 2, 2], 12, 35], {
      name: 'matrix memory',
      options: { states: 'both', sums: 'both', state_order: 'value key' },
      slots: { gates: exponentialGates, finish: boundedRatio },
      scale: { 'gates.f': 3, 'gates.i': 3, 'gates.before': 2 },
    }),
    shape([1, 21, 9, [2, 2, 2], 6, 5], {
      options: { causal: false, cross: true },
      slots: { feature_map: squaredReluMap },
    }),
    shape([1, 131, 131, [2, 2, 2], 16, 17], {
      name: 'hard gates',
      options: { rule: 'delta', decay: 'head', states: 'final' },
      axes: { beta_heads: 2 },
      inputs: hard,
    }),
    shape([1, 97, 97, [1, 1, 1], 20, 9], {
      name: 'hard gates',
      options: { rule: 'general', decay: 'key', states: 'final' },
      inputs: hard,
      dtypes: { decay: 'f32' },
    }),
    shape([1, 16_384, 16_384, [1, 1, 1], 4, 3], {
      name: 'slow decay',
      options: { decay: 'head', states: 'both' },
      inputs: slow,
      dtypes: { decay: 'f32' },
    }),
    shape([1, 66, 66, [1, 1, 1], 256, 4], {
      name: 'large values',
      options: { decay: 'key' },
      scale: { v: 1e4 },
    }),
    shape([2, 37, 37, [2, 2, 4], 6, 5], {
      options: { rule: 'delta', decay: 'head', states: 'both' },
      axes: { beta_heads: 4 },
      // Heads lie side by side in the rows of a convolution; those of the queries lie apart.
      views: {
        q: rowView({ stride: 50, offset: 1, inner: [{ size: 2, stride: 9 }] }),
        k: rowView({ stride: 44, offset: { multipleOf: 4 }, inner: [{ size: 2, stride: 6 }] }),
        v: rowView({ stride: 44, offset: 24, inner: [{ size: 4, stride: 5 }] }),
      },
      uniforms: { k_offset: 12 },
    }),
    shape([1, 36, 36, [2, 2, 4], 4, 3], {
      name: 'state space',
      options: { states: 'in place', state_order: 'value key' },
      slots: {
        gates: stateSpaceGates({ softplus: true, bias: true, least: 0.25, most: 1.5 }),
        finish: skipAndGate({ skip: true, gate: true }),
      },
      inputs: ({ axes }) => ({
        'gates.rate': Float32Array.from({ length: axes.value_heads! }, (_, i) => -0.3 - i),
      }),
      views: {
        'gates.step': rowView({ stride: 30, offset: 26, row: 4 }),
        'finish.gate': rowView({ stride: 30, offset: 2, inner: [{ size: 4, stride: 3 }], row: 3 }),
      },
    }),
    // Sequences end at chunks and off them; the first, one between and the last are empty.
    packedCase(
      [0, 32, 17, 0, 1, 0],
      shape([1, 50, 50, [4, 2, 2], 8, 6], {
        options: { rule: 'delta', decay: 'head', states: 'both' },
        axes: { beta_heads: 2 },
      }),
    ),
    packedCase(
      [16, 0, 21],
      shape([1, 37, 37, [2, 2, 2], 7, 5], {
        options: {
          rule: 'general',
          states: 'in place',
          state_order: 'value key',
          reverse: true,
        },
      }),
    ),
    packedCase(
      [5, 35, 0, 3],
      shape([1, 43, 43, [2, 2, 2], 6, 5], {
        name: 'matrix memory',
        options: {
          states: 'in place',
          reverse: true,
          state_order: 'value key',
        },
        slots: { gates: exponentialGates, finish: boundedRatio },
        scale: { 'gates.f': 3, 'gates.i': 3, 'gates.before': 2 },
      }),
    ),
    packedCase(
      [7, 0, 12],
      shape([1, 19, 19, [2, 1, 1], 5, 4], {
        options: { causal: false, sums: 'both', states: 'final' },
        slots: { feature_map: elu1Map, finish: sumRatio(1e-6) },
      }),
    ),
  ],
  workloads: [
    {
      ...shape([1, 96, 96, [2, 2, 2], 32, 32], {
        options: { rule: 'delta', decay: 'head' },
        axes: { beta_heads: 2 },
      }),
      name: 'gated delta rule',
      model: 'shakespeare-1m',
      size: 'small',
    },
    {
      ...shape([1, 2048, 2048, [16, 16, 32], 128, 128], {
        options: { rule: 'delta', decay: 'head', states: 'both' },
        axes: { beta_heads: 32 },
      }),
      name: 'gated delta rule',
      model: 'qwen3-next-80b-a3b',
      size: 'large',
    },
  ],
  inputs: soft,
  // Sums of `keys` terms in another order, each a product of two sums of `key_size`; powers of decays (Higham and Mary 2019).
  floor: ({ axes }) => 4 * Math.sqrt(axes.keys! + axes.key_size!) * 2 ** -24,
};
