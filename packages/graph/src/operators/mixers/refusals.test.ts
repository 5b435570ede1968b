// What mixers say of inputs and attributes that do not fit. No GPU.
import { isTilewrightError } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import { extentScope } from '../../extent/index.ts';
import { inferNode } from '../../infer-node.ts';
import type { Attribute, ValueType } from '../../ir.ts';
import { operators } from '../../registry.ts';

const f32 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'f32', shape });
const f16 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'f16', shape });
const u32 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'u32', shape });

type Refusal = readonly [
  op: string,
  inputs: Readonly<Record<string, ValueType>>,
  attributes: Readonly<Record<string, Attribute>>,
  message: string,
];

const cellInputs = { X: f32('tokens', 2, 3), W: f32(1, 16, 3), R: f32(1, 16, 4) };

const gridInputs = {
  q: f32(1, 3, 'tokens', 8),
  k: f32(1, 3, 'tokens', 8),
  v: f32(1, 3, 'tokens', 6),
  transitions: f32(1, 3, 'tokens', 8),
  sources: f32(1, 3, 'tokens', 4),
  marks: f32(1, 3, 'tokens', 4),
};

const refusals: readonly Refusal[] = [
  [
    'AutoCorrelation',
    { q: f32(2, 8, 4), k: f32(2, 8, 4), v: f32(2, 8, 4) },
    { top: 9 },
    "bad-graph: [node] the attribute 'top' is 9; of 8 delays it must be an integer from 1 to 8.",
  ],
  [
    'AutoCorrelation',
    { q: f32(2, 8, 4), k: f32(2, 8, 4), v: f32(2, 8, 4) },
    { top: 0 },
    "bad-graph: [node] the attribute 'top' is 0; of 8 delays it must be an integer from 1 to 8.",
  ],
  [
    'AutoCorrelation',
    { q: f32(2, 8, 4), k: f32(2, 9, 4), v: f32(2, 8, 4) },
    { top: 1 },
    "bad-graph: [node] 'k' has shape [2, 9, 4]; it must be [2, 8, 4], that of 'q'.",
  ],
  [
    'AutoCorrelation',
    { q: f32(2, 'n', 4), k: f32(2, 'n', 4), v: f32(2, 'n', 4) },
    { top: 1 },
    "bad-graph: [node] 'q' has shape [n, 4]; the size 'n' must be a number here.",
  ],
  [
    'GatedScan',
    { a: f32(3, 8), b: f32(3, 8) },
    {},
    "bad-graph: [node] 'a' has shape [3, 8]; it must have 3 dimensions.",
  ],
  [
    'GatedScan',
    { a: f32(2, 'tokens', 8), b: f32(2, 'tokens', 6) },
    {},
    "bad-graph: [node] 'b' has shape [2, tokens, 6]; it must be [2, tokens, 8], that of 'a'.",
  ],
  [
    'GatedScan',
    { a: f32(2, 3, 8), b: u32(2, 3, 8) },
    {},
    "bad-dtype: [node] 'b' is u32; it must be f32 or f16.",
  ],
  [
    'GatedScan',
    { a: f32(2, 3, 8), b: f32(2, 3, 8), initial: f32(3, 8) },
    {},
    "bad-graph: [node] 'initial' has shape [3, 8]; it must be [2, 8].",
  ],
  [
    'GatedScan',
    { a: f16(2, 3, 8), b: f16(2, 3, 8), initial: f16(2, 8) },
    {},
    "bad-dtype: [node] 'initial' is f16; it must be f32.",
  ],
  [
    'GatedScan',
    { a: f32(2, 3, 8), b: f32(2, 3, 8) },
    { reverse: 2 },
    "bad-graph: [node] the attribute 'reverse' is 2; it must be 0 or 1.",
  ],
  [
    'GatedScan',
    { a: f32(2, 3, 8), b: f32(2, 3, 8), sequences: u32(4, 2) },
    {},
    'bad-graph: [node] the batch of packed sequences is 2; it must be 1.',
  ],
  [
    'GatedScan',
    { a: f32(1, 3, 8), b: f32(1, 3, 8), sequences: u32(4, 3) },
    {},
    "bad-graph: [node] 'sequences' has shape [4, 3]; it must be [rows + 1, 2]: a first token and the positions before it, and the " +
      'number of tokens at the end.',
  ],
  [
    'GatedScan',
    { a: f32(1, 3, 8), b: f32(1, 3, 8), sequences: u32(1) },
    {},
    "bad-graph: [node] 'sequences' has shape [1]; starts are [sequences + 1]: where each begins, and the number of tokens at the end.",
  ],
  [
    'GatedScan',
    { a: f32(1, 3, 8), b: f32(1, 3, 8), sequences: f32(4, 2) },
    {},
    "bad-dtype: [node] 'sequences' is f32; it must be u32.",
  ],
  [
    'GatedScan',
    { a: f32(1, 3, 8), b: f32(1, 3, 8), initial: f32(1, 8), sequences: u32(4, 2) },
    {},
    "bad-graph: [node] 'initial' has shape [1, 8]; it must be [3, 8].",
  ],
  [
    'LinearAttention',
    { query: f32(2, 3, 8), key: f32(2, 3, 8), value: f32(2, 3, 8) },
    { q_num_heads: 0, kv_num_heads: 2, update_rule: 'linear' },
    "bad-graph: [node] the attribute 'q_num_heads' is 0; it must be a number of heads, at least 1.",
  ],
  [
    'LinearAttention',
    { query: f32(2, 3, 8), key: f32(2, 3, 8), value: f32(2, 3, 8) },
    { q_num_heads: 3, kv_num_heads: 2, update_rule: 'linear' },
    'bad-graph: [node] 3 query heads share 2 key heads; the first must be a multiple of the second.',
  ],
  [
    'LinearAttention',
    { query: f32(2, 3, 10), key: f32(2, 3, 8), value: f32(2, 3, 8) },
    { q_num_heads: 4, kv_num_heads: 4, update_rule: 'linear' },
    "bad-graph: [node] 'query' is 10 wide with 4 heads; heads divide the width.",
  ],
  [
    'LinearAttention',
    { query: f32(2, 3, 8), key: f32(2, 4, 8), value: f32(2, 3, 8) },
    { q_num_heads: 2, kv_num_heads: 2, update_rule: 'linear' },
    "bad-graph: [node] dimension 1 of 'key' is 4; it must be 3.",
  ],
  [
    'LinearAttention',
    { query: f32(2, 3, 8), key: f32(2, 3, 8), value: f32(2, 3, 8) },
    { q_num_heads: 2, kv_num_heads: 2, update_rule: 'gated' },
    "bad-graph: [node] its rule is 'gated', without 'decay'; this rule needs it.",
  ],
  [
    'LinearAttention',
    { query: f32(2, 3, 8), key: f32(2, 3, 8), value: f32(2, 3, 8), beta: f32(2, 3, 2) },
    { q_num_heads: 2, kv_num_heads: 2, update_rule: 'linear' },
    "bad-graph: [node] its rule is 'linear', with 'beta'; this rule does not read it.",
  ],
  [
    'LinearAttention',
    { query: f32(2, 3, 8), key: f32(2, 3, 8), value: f32(2, 3, 8), beta: f32(2, 3) },
    { q_num_heads: 2, kv_num_heads: 2, update_rule: 'delta' },
    "bad-graph: [node] 'beta' has shape [2, 3]; it must be [2, 3, 2].",
  ],
  [
    'GeneralizedDelta',
    { r: f32(2, 3, 8), w: f32(2, 3, 8), k: f32(2, 3, 8), a: f32(2, 3, 8), b: f32(2, 3, 6), v: f32(2, 3, 6) },
    { heads: 2 },
    "bad-graph: [node] dimension 2 of 'b' is 6; it must be 8.",
  ],
  [
    'StateSpaceDual',
    { x: f32(2, 3, 12), dt: f32(2, 3, 3), A: f32(3), B: f32(2, 3, 8), C: f32(2, 3, 8) },
    { heads: 3, groups: 2 },
    'bad-graph: [node] 3 heads share 2 groups; the first must be a multiple of the second.',
  ],
  [
    'StateSpaceDual',
    { x: f32(2, 3, 12), dt: f32(2, 3, 3), A: f32(4), B: f32(2, 3, 8), C: f32(2, 3, 8) },
    { heads: 3 },
    "bad-graph: [node] dimension 0 of 'A' is 4; it must be 3.",
  ],
  [
    'MatrixLstm',
    { q: f32(2, 3, 8), k: f32(2, 3, 8), v: f32(2, 3, 8), i: f32(2, 3, 2), f: f32(2, 3, 4) },
    { heads: 2 },
    "bad-graph: [node] dimension 2 of 'f' is 4; it must be 2.",
  ],
  [
    'SelectiveScan',
    { x: f32(2, 3, 9), delta: f32(2, 3, 9), A: f32(9, 4), B: f32(2, 3, 8), C: f32(2, 3, 8) },
    { groups: 2 },
    'bad-graph: [node] 9 channels share 2 groups; the first must be a multiple of the second.',
  ],
  [
    'SelectiveScan',
    { x: f32(2, 3, 8), delta: f32(2, 3, 8), A: f32(9, 4), B: f32(2, 3, 4), C: f32(2, 3, 4) },
    {},
    "bad-graph: [node] dimension 2 of 'x' is 8; it must be 9.",
  ],
  [
    'CausalConvWithState',
    { input: f32(2, 8, 3), weight: f32(8, 4) },
    {},
    "bad-graph: [node] 'weight' has shape [8, 4]; it must be [channels, 1, taps].",
  ],
  [
    'CausalConvWithState',
    { input: f32(2, 8, 3), weight: f32(8, 1, 1) },
    {},
    "bad-graph: [node] 'weight' has 1 tap; a filter has at least 2.",
  ],
  [
    'CausalConvWithState',
    { input: f32(2, 6, 3), weight: f32(8, 1, 4) },
    {},
    "bad-graph: [node] dimension 1 of 'input' is 6; it must be 8.",
  ],
  [
    'CausalConvWithState',
    { input: f32(2, 8, 3), weight: f32(8, 1, 4), past_state: f32(2, 8, 4) },
    {},
    "bad-graph: [node] 'past_state' has shape [2, 8, 4]; it must be [2, 8, 3].",
  ],
  [
    'KernelAttention',
    { Q: f32(2, 3, 8), K: f32(2, 5, 8), V: f32(2, 5, 6), projection: f32(1, 4, 4) },
    { q_num_heads: 2, kv_num_heads: 2, feature_map: 'elu1' },
    "bad-graph: [node] its map is 'elu1', with 'projection'; this map does not read it.",
  ],
  [
    'KernelAttention',
    { Q: f32(2, 3, 8), K: f32(2, 5, 8), V: f32(2, 5, 6) },
    { q_num_heads: 2, kv_num_heads: 2, feature_map: 'cos_sin' },
    "bad-graph: [node] its map is 'cos_sin', without 'projection'; this map needs it.",
  ],
  [
    'KernelAttention',
    { Q: f32(2, 3, 8), K: f32(2, 5, 8), V: f32(2, 5, 6), projection: f32(1, 7, 5) },
    { q_num_heads: 2, kv_num_heads: 2, feature_map: 'positive' },
    "bad-graph: [node] 'projection' is 5 wide; a head is 4.",
  ],
  [
    'KernelAttention',
    { Q: f32(2, 3, 8), K: f32(2, 5, 8), V: f32(2, 5, 6), projection: f32(3, 7, 4) },
    { q_num_heads: 2, kv_num_heads: 2, feature_map: 'positive' },
    'bad-graph: [node] 2 heads share 3 projections; the first must be a multiple of the second.',
  ],
  [
    'KernelAttention',
    { Q: f32(2, 3, 8), K: f32(2, 5, 8), V: f32(2, 4, 6) },
    { q_num_heads: 2, kv_num_heads: 2, feature_map: 'elu1' },
    "bad-graph: [node] dimension 1 of 'V' is 4; it must be 5.",
  ],
  [
    'AttentionFree',
    { q: f32(2, 3, 8), k: f32(2, 3, 8), v: f32(2, 3, 8), w: f32(3, 4) },
    {},
    "bad-graph: [node] dimension 1 of 'w' is 4; it must be 3.",
  ],
  [
    'AttentionFree',
    { q: f32(2, 3, 8), k: f32(2, 3, 8), v: f32(2, 3, 8) },
    { window: -1 },
    "bad-graph: [node] the attribute 'window' is -1; it must be a number of tokens.",
  ],
  [
    'LinearStateSpace',
    { u: f32(2, 3, 2), A: f32(4, 5), B: f32(4, 2) },
    {},
    "bad-graph: [node] 'A' has shape [4, 5]; it must be square.",
  ],
  [
    'LinearStateSpace',
    { u: f32(2, 3, 2), A: f32(4, 4), B: f32(4, 2), D: f32(3, 2) },
    {},
    "bad-graph: [node] dimension 0 of 'D' is 3; it must be 4.",
  ],
  [
    'LongConvolution',
    { x: f32(2, 9, 8), h: f32(4, 8) },
    { bidirectional: 1 },
    "bad-graph: [node] 'h' has 4 taps; both ways it has a centre, and an odd number.",
  ],
  [
    'LongConvolution2d',
    { x: f32(2, 9, 9, 8), h: f32(4, 4, 6) },
    {},
    "bad-graph: [node] dimension 3 of 'x' is 8; it must be 6.",
  ],
  [
    'ToeplitzAttention',
    { Q: f32(2, 3, 8), K: f32(2, 5, 8), V: f32(2, 5, 6), bias: f32(3, 9) },
    { q_num_heads: 2, kv_num_heads: 2, feature_map: 'elu1' },
    "bad-graph: [node] 'bias' has shape [3, 9]; it must have 1 or 2 rows of an odd number of distances.",
  ],
  [
    'LSTM',
    { ...cellInputs, W: f32(1, 16, 5) },
    {},
    "bad-graph: [node] dimension 2 of 'W' is 5; it must be 3.",
  ],
  [
    'LSTM',
    { ...cellInputs, R: f32(1, 12, 4) },
    {},
    "bad-graph: [node] dimension 1 of 'R' is 12; it must be 16.",
  ],
  [
    'LSTM',
    cellInputs,
    { hidden_size: 5 },
    "bad-graph: [node] the attribute 'hidden_size' is 5; 'R' has shape [1, 16, 4], which is of 4.",
  ],
  [
    'LSTM',
    cellInputs,
    { direction: 'backward' },
    "bad-graph: [node] the attribute 'direction' is backward; it must be forward or reverse or bidirectional.",
  ],
  [
    'LSTM',
    cellInputs,
    { direction: 'bidirectional' },
    "bad-graph: [node] dimension 0 of 'R' is 1; it must be 2.",
  ],
  [
    'LSTM',
    cellInputs,
    { activations: ['Sigmoid', 'Tanh'] },
    "bad-graph: [node] the attribute 'activations' lists 2; there are 3: 3 in each direction.",
  ],
  [
    'LSTM',
    cellInputs,
    { activations: ['Sigmoid', 'Gelu', 'Tanh'] },
    "bad-graph: [node] the attribute 'activations' lists 'Gelu'; cells have Affine, Elu, HardSigmoid, LeakyRelu, Relu, ScaledTanh, Sigmoid, Softplus, Softsign, Tanh, ThresholdedRelu.",
  ],
  [
    'LSTM',
    cellInputs,
    { activations: ['Sigmoid', 3, 'Tanh'] },
    'bad-graph: [node] the attribute \'activations\' is ["Sigmoid",3,"Tanh"]; it must be a list of strings.',
  ],
  [
    'LSTM',
    cellInputs,
    { activations: ['Sigmoid', 'Affine', 'Tanh'], activation_alpha: [2] },
    "bad-graph: [node] the attribute 'activation_beta' has no number for Affine; this function has no default.",
  ],
  [
    'LSTM',
    cellInputs,
    { activation_alpha: [2] },
    "bad-graph: [node] the attribute 'activation_alpha' has 1 more than its functions read; each that has one reads one, in order.",
  ],
  [
    'LSTM',
    cellInputs,
    { activation_alpha: ['2'] },
    'bad-graph: [node] the attribute \'activation_alpha\' is ["2"]; it must be a list of numbers.',
  ],
  ['LSTM', cellInputs, { clip: 0 }, "bad-graph: [node] the attribute 'clip' is 0; it must be larger than 0."],
  [
    'LSTM',
    { ...cellInputs, sequence_lens: u32(2) },
    {},
    "bad-dtype: [node] 'sequence_lens' is u32; it must be i32.",
  ],
  [
    'LSTM',
    { ...cellInputs, sequence_lens: { dtype: 'i32', shape: [3] } },
    {},
    "bad-graph: [node] dimension 0 of 'sequence_lens' is 3; it must be 2.",
  ],
  [
    'LSTM',
    { ...cellInputs, X: f32(2, 'tokens', 3), initial_c: f32(1, 2, 4) },
    { layout: 1 },
    "bad-graph: [node] 'initial_c' has shape [1, 2, 4]; it must be [2, 1, 4].",
  ],
  [
    'LSTM',
    { ...cellInputs, P: f32(1, 16) },
    {},
    "bad-graph: [node] dimension 1 of 'P' is 16; it must be 12.",
  ],
  [
    'GRU',
    { ...cellInputs, W: f32(1, 12, 3), R: f32(1, 12, 4), B: f32(1, 12) },
    {},
    "bad-graph: [node] dimension 1 of 'B' is 12; it must be 24.",
  ],
  [
    'RNN',
    { ...cellInputs, W: f32(1, 4, 3), R: f32(1, 4, 4) },
    { linear_before_reset: 1 },
    "bad-graph: [node] it has an attribute 'linear_before_reset'; it takes activation_alpha, activation_beta, activations, clip, direction, hidden_size, layout. Fix: leave 'linear_before_reset' out.",
  ],
  [
    'GridMemory',
    { ...gridInputs, marks: f32(1, 3, 'tokens', 4, 1) },
    { heads: 2 },
    "bad-graph: [node] 'marks' has shape [1, 3, tokens, 4, 1]; it must be [1, 3, tokens, 4].",
  ],
  [
    'GridMemory',
    { ...gridInputs, transitions: f32(1, 3, 'tokens', 6) },
    { heads: 2 },
    "bad-graph: [node] dimension 3 of 'transitions' is 6; it must be 8.",
  ],
  [
    'GridMemory',
    { ...gridInputs, q: f32(1, 3, 'tokens', 7) },
    { heads: 2 },
    "bad-graph: [node] 'q' is 7 wide with 2 heads; heads divide the width.",
  ],
];

test.each(refusals)('%s refuses %j %j', (op, types, attributes, message) => {
  const inputs = Object.fromEntries(Object.keys(types).map((role) => [role, role]));
  const scope = { contents: {}, scalars: new Set<string>(), extents: extentScope({ tokens: { max: 9 } }) };
  const operator = operators.find(({ name }) => name === op)!;
  try {
    inferNode('node', operator, inputs, attributes, { ...scope, values: types });
    expect.unreachable();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    expect(`${error.code}: ${error.message}`).toBe(message);
  }
});
