import type { CheckCase, KernelCheck } from '@tilewright/kernels';
import { check as attentionFree } from '@tilewright/kernels/attention-free/check';
import { check as causalConv } from '@tilewright/kernels/causal-conv/check';
import { check as fft } from '@tilewright/kernels/fft/check';
import { fft as fftKernel, fftForm, fftSize, fftTable } from '@tilewright/kernels/fft';
import { check as gatedScan } from '@tilewright/kernels/gated-scan/check';
import {
  boundedRatio,
  elu1Map,
  exponentialGates,
  lineFilter,
  lstmCell,
  stateSpaceGates,
  sumRatio,
} from '@tilewright/kernels/fillings';
import { check as gridMemory } from '@tilewright/kernels/grid-memory/check';
import { check as linearAttention } from '@tilewright/kernels/linear-attention/check';
import { check as linearStateSpace } from '@tilewright/kernels/linear-state-space/check';
import { check as longConv } from '@tilewright/kernels/long-conv/check';
import { check as peakScan } from '@tilewright/kernels/peak-scan/check';
import { check as recurrentCell } from '@tilewright/kernels/recurrent-cell/check';
import { check as selectiveScan } from '@tilewright/kernels/selective-scan/check';
import { check as toeplitzAttention } from '@tilewright/kernels/toeplitz-attention/check';
import { type Curve, heads, size } from './curve.ts';
import { judgePart, type Sample } from './part-oracle.ts';
import { drawCase } from './draw-case.ts';

interface Mixer {
  readonly name: string;
  readonly check: KernelCheck;
  readonly growth?: 1 | 2;
  readonly at: (tokens: number) => CheckCase;
  /** What of the result is computed in f64. */
  readonly sample: Sample;
}

const mixer = ({ name, check, growth = 1, at, sample }: Mixer): Curve => ({
  name,
  family: 'mixer',
  growth,
  queries: 'all',
  at: ({ keys }) => {
    const drawn = drawCase(check, at(keys));
    return {
      stages: (place) => {
        const inputs = Object.fromEntries(
          drawn.tensors.map(({ name: tensor, shape, data }) => [tensor, place(shape, data)]),
        );
        const { axes, options, scalars, slots } = drawn.input;
        return [
          {
            kernel: check.kernel,
            inputs: () => inputs,
            axes,
            ...(options && { options }),
            ...(scalars && { scalars }),
            ...(slots && { slots }),
            output: 'y',
          },
        ];
      },
      judge: (got) => judgePart(drawn, sample, got),
    };
  },
});

const channels = heads * size;
const oneChannel: Sample = { channels: [channels - 3] };

/** Attention by states, in an option and slots. */
const states = (name: string, rest: Partial<CheckCase>): Curve =>
  mixer({
    name,
    check: linearAttention,
    at: (tokens) => ({
      ...rest,
      axes: {
        batch: 1,
        tokens,
        keys: tokens,
        heads,
        key_heads: heads,
        value_heads: heads,
        outputs: heads,
        key_size: size,
        value_size: size,
        ...(rest.options?.rule === 'delta' && { beta_heads: heads }),
      },
    }),
    sample: {
      heads: [1],
      key_heads: [1],
      value_heads: [1],
      outputs: [1],
      beta_heads: [1],
      value_size: [0, size - 1],
    },
  });

const scan = (name: string, check: KernelCheck, rest: Partial<CheckCase> = {}): Curve =>
  mixer({
    name,
    check,
    at: (tokens) => ({ ...rest, axes: { batch: 1, tokens, channels } }),
    sample: oneChannel,
  });

const longConvolution = (tokens: number): CheckCase => ({
  axes: { batch: 1, rows: 1, columns: tokens, channels, tap_rows: 1, taps: tokens },
});

/** A transform of the filter, and one of x there and back, as operators of graphs take them; held against direct sums. */
const convolutionByTransforms: Curve = {
  name: 'long convolution, by transforms',
  family: 'mixer',
  growth: 1,
  queries: 'all',
  at: ({ keys: tokens }) => {
    const drawn = drawCase(longConv, longConvolution(tokens));
    const size = fftSize(2 * tokens - 1);
    const bins = Math.floor(size / 2) + 1;
    const { entries } = fftForm(size);
    const axes = { outer: 1, inner: channels, size, length: tokens, parts: 1, entries: 2 * entries };
    return {
      stages: (place) => {
        const data = (name: string): Float32Array =>
          drawn.tensors.find((tensor) => tensor.name === name)!.data as Float32Array;
        const [x, h] = ['x', 'h'].map((name) => place([1, tokens, channels, 1], data(name)));
        const roots = place([2 * entries], fftTable(size));
        return [
          {
            kernel: fftKernel,
            inputs: () => ({ x: h!, roots }),
            axes: { ...axes, bins, channels: 2 },
            output: 'filter',
          },
          {
            kernel: fftKernel,
            inputs: ({ filter }) => ({ x: x!, roots, 'between.weights': filter! }),
            axes: { ...axes, bins: tokens, channels: 1 },
            scalars: { scale: 1 / size },
            options: { turns: 'round' },
            slots: { between: lineFilter({ bins, isHalf: true }).between },
            output: 'y',
          },
        ];
      },
      judge: (got) => judgePart(drawn, oneChannel, got),
    };
  },
};

/** A time for each mixer of docs/mixers.md, all causal but the Fourier transform. */
export const mixerCurves: readonly Curve[] = [
  states('linear attention', {}),
  states('gated linear attention', { options: { decay: 'key' } }),
  states('delta rule', { options: { rule: 'delta' } }),
  states('gated delta rule', { options: { rule: 'delta', decay: 'head' } }),
  states('generalized delta rule (RWKV-7)', { options: { rule: 'general', decay: 'key' } }),
  states('kernelized attention', {
    options: { sums: 'none' },
    slots: { feature_map: elu1Map, finish: sumRatio(1e-6) },
  }),
  states('state space duality (Mamba-2)', {
    slots: { gates: stateSpaceGates({ softplus: true, bias: false }) },
  }),
  states('matrix memory (mLSTM), without its peaks', {
    options: { sums: 'none' },
    slots: { gates: exponentialGates, finish: boundedRatio },
  }),
  scan('peaks of a matrix memory', peakScan),
  scan('gated scan', gatedScan),
  mixer({
    name: 'selective scan (Mamba)',
    check: selectiveScan,
    at: (tokens) => ({ axes: { batch: 1, tokens, channels, states: 16, groups: 1 } }),
    sample: oneChannel,
  }),
  mixer({
    name: 'short convolution',
    check: causalConv,
    at: (tokens) => ({
      axes: { batch: 1, tokens, channels, taps: 4, past: 3 },
      options: { order: 'channels last', silu: true },
    }),
    sample: oneChannel,
  }),
  mixer({
    name: 'linear state space',
    check: linearStateSpace,
    at: (tokens) => ({ axes: { batch: 1, tokens, states: size, inputs: 1, outputs: size } }),
    sample: { outputs: [size - 1] },
  }),
  mixer({
    name: 'LSTM, behind its product',
    check: recurrentCell,
    at: (tokens) => ({
      axes: { batch: 1, tokens, directions: 1, gates: 4, hidden: size },
      options: { layout: 'batch first', memory: 'none' },
      slots: { cell: lstmCell({ bias: false, peepholes: false, couples: false }) },
    }),
    // Every unit reads every other.
    sample: {},
  }),
  mixer({
    name: 'memory over a grid of 16 rows (pLSTM)',
    check: gridMemory,
    at: (tokens) => ({
      axes: {
        batch: 1,
        rows: 16,
        // No part of a column stays out.
        columns: Math.ceil(tokens / 16),
        heads,
        key_size: size,
        value_size: size,
        transitions: 4,
        edges: 2,
      },
    }),
    sample: { heads: [1], value_size: [0, size - 1] },
  }),
  mixer({
    name: 'Fourier transform',
    check: fft,
    at: (tokens) => ({
      axes: {
        outer: 1,
        inner: channels,
        size: tokens,
        length: tokens,
        bins: tokens,
        parts: 1,
        channels: 2,
        entries: 2 * fftForm(tokens).entries,
      },
    }),
    sample: { inner: [channels - 3] },
  }),
  scan('attention free, simple', attentionFree, { options: { causal: true } }),
  mixer({
    name: 'long convolution',
    check: longConv,
    growth: 2,
    at: longConvolution,
    sample: oneChannel,
  }),
  convolutionByTransforms,
  mixer({
    name: 'kernelized attention with a bias by distance',
    check: toeplitzAttention,
    growth: 2,
    at: (tokens) => ({
      axes: {
        batch: 1,
        tokens,
        keys: tokens,
        heads,
        key_heads: heads,
        key_size: size,
        value_size: size,
        bias_heads: heads,
        span: 2 * tokens - 1,
      },
      options: { causal: true },
      slots: { feature_map: elu1Map },
    }),
    sample: { heads: [1], key_heads: [1], bias_heads: [1], value_size: [0] },
  }),
];
