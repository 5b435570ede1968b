// Recurrent nodes to run in parts. For tests.
import type { MixerCase } from './run-in-parts.ts';
import { gatedScan } from '../operators/mixers/gated-scan.ts';
import { generalizedDelta } from '../operators/mixers/generalized-delta.ts';
import { gru } from '../operators/mixers/gru.ts';
import { lstm } from '../operators/mixers/lstm.ts';
import { rnn } from '../operators/mixers/rnn.ts';
import { kernelAttention } from '../operators/mixers/kernel-attention.ts';
import { linearAttention } from '../operators/mixers/linear-attention.ts';
import { linearStateSpace } from '../operators/mixers/linear-state-space.ts';
import { matrixLstm } from '../operators/mixers/matrix-lstm.ts';
import { selectiveScan } from '../operators/mixers/selective-scan.ts';
import { shortConvolution } from '../operators/mixers/short-convolution.ts';
import { stateSpaceDual } from '../operators/mixers/state-space-dual.ts';

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
const logSigmoid = (value: number): number => Math.log(sigmoid(value));
const third = (value: number): number => value / 3;

/** What is run, and the variants of the kernel. */
export const mixers: Readonly<Record<string, readonly [mixer: MixerCase, ...variants: string[]]>> = {
  GatedScan: [
    {
      operator: gatedScan,
      sequences: { a: [7, sigmoid], b: [7] },
      states: { initial: ['final', [7]] },
      output: 'h',
      batch: 2,
      tokens: 41,
    },
    'walk',
    'chunks',
  ],
  LinearAttention: [
    {
      operator: linearAttention,
      attributes: { q_num_heads: 4, kv_num_heads: 2 },
      sequences: { query: [20], key: [10, third], value: [14], decay: [2, logSigmoid], beta: [2, sigmoid] },
      states: { past_state: ['present_state', [2, 5, 7]] },
      output: 'output',
      batch: 2,
      tokens: 41,
    },
    'walk',
    'chunks',
  ],
  GeneralizedDelta: [
    {
      operator: generalizedDelta,
      attributes: { heads: 2 },
      sequences: { r: [12], w: [12, logSigmoid], k: [12], a: [12, third], b: [12, third], v: [10] },
      states: { initial_state: ['final_state', [2, 5, 6]] },
      output: 'y',
      batch: 1,
      tokens: 38,
    },
    'walk',
  ],
  StateSpaceDual: [
    {
      operator: stateSpaceDual,
      attributes: { heads: 4, groups: 2, dt_softplus: 1, dt_min: 0.25, dt_max: 1.5 },
      sequences: { x: [12], dt: [4], B: [10], C: [10], z: [12] },
      fixed: { A: [[4], (value) => -Math.abs(value)], D: [[4]], dt_bias: [[4]] },
      states: { initial_state: ['final_state', [4, 3, 5]] },
      output: 'y',
      batch: 2,
      tokens: 37,
    },
    'walk',
    'chunks',
  ],
  SelectiveScan: [
    {
      operator: selectiveScan,
      attributes: { groups: 2, delta_softplus: 1 },
      sequences: { x: [6], delta: [6], B: [10], C: [10], z: [6] },
      fixed: { A: [[6, 5], (value) => -Math.abs(value)], D: [[6]], delta_bias: [[6]] },
      states: { initial_state: ['final_state', [6, 5]] },
      output: 'y',
      batch: 2,
      tokens: 37,
    },
    'walk',
    'chunks',
  ],
  ShortConvolution: [
    {
      operator: shortConvolution,
      attributes: { activation: 'silu' },
      sequences: { x: [7] },
      fixed: { weight: [[7, 1, 4]], bias: [[7]] },
      states: { initial: ['final', [7, 3]] },
      output: 'y',
      batch: 2,
      tokens: 37,
    },
    'baseline',
    'walk',
  ],
  KernelAttention: [
    {
      operator: kernelAttention,
      attributes: { q_num_heads: 4, kv_num_heads: 2, feature_map: 'elu1', causal: 1 },
      sequences: { Q: [20], K: [10], V: [14] },
      states: {
        initial_state: ['final_state', [2, 5, 7]],
        initial_normalizer: ['final_normalizer', [2, 5]],
      },
      output: 'Y',
      batch: 2,
      tokens: 39,
    },
    'walk',
    'chunks',
  ],
  'KernelAttention with positive features': [
    {
      operator: kernelAttention,
      attributes: { q_num_heads: 2, kv_num_heads: 1, feature_map: 'positive', causal: 1, scale: 0.5 },
      sequences: { Q: [12], K: [6], V: [5] },
      fixed: { projection: [[1, 9, 6]] },
      states: { initial_state: ['final_state', [1, 9, 5]], initial_normalizer: ['final_normalizer', [1, 9]] },
      output: 'Y',
      batch: 1,
      tokens: 36,
    },
    'walk',
  ],
  LinearStateSpace: [
    {
      operator: linearStateSpace,
      sequences: { u: [3] },
      fixed: { A: [[6, 6], (value) => value / 6], B: [[6, 3]], C: [[4, 6]], D: [[4, 3]] },
      states: { initial: ['final', [6]] },
      output: 'y',
      batch: 2,
      tokens: 35,
    },
    'baseline',
  ],
  LSTM: [
    {
      operator: lstm,
      attributes: { layout: 1 },
      sequences: { X: [5] },
      fixed: { W: [[1, 24, 5], third], R: [[1, 24, 6], third], B: [[1, 48], third], P: [[1, 18], third] },
      states: { initial_h: ['Y_h', [1, 6]], initial_c: ['Y_c', [1, 6]] },
      output: 'Y',
      batch: 2,
      tokens: 36,
    },
    'persistent',
    'steps',
  ],
  GRU: [
    {
      operator: gru,
      attributes: { layout: 1 },
      sequences: { X: [5] },
      fixed: { W: [[1, 24, 5], third], R: [[1, 24, 8], third], B: [[1, 48], third] },
      states: { initial_h: ['Y_h', [1, 8]] },
      output: 'Y',
      batch: 2,
      tokens: 36,
    },
    'persistent',
    'steps',
  ],
  RNN: [
    {
      operator: rnn,
      attributes: { layout: 1 },
      sequences: { X: [5] },
      fixed: { W: [[1, 7, 5], third], R: [[1, 7, 7], third] },
      states: { initial_h: ['Y_h', [1, 7]] },
      output: 'Y',
      batch: 2,
      tokens: 36,
    },
    'persistent',
    'steps',
  ],
  MatrixLstm: [
    {
      operator: matrixLstm,
      attributes: { heads: 2 },
      sequences: { q: [16], k: [16], v: [10], i: [2], f: [2, (value) => 3 + value] },
      states: {
        initial_c: ['final_c', [2, 5, 8]],
        initial_n: ['final_n', [2, 8]],
        initial_m: ['final_m', [2]],
      },
      output: 'y',
      batch: 1,
      tokens: 36,
    },
    'walk',
    'chunks',
  ],
};
