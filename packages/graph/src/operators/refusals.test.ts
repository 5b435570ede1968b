// What ONNX's operators say of inputs and attributes that do not fit. No GPU.
import { isTilewrightError } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import type { Attribute, ValueType } from '../ir.ts';
import { extentScope } from '../extent/index.ts';
import { inferNode, type NodeScope } from '../infer-node.ts';
import { operators } from '../registry.ts';
import { findOperator } from './find-operator.ts';

const f32 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'f32', shape });
const u32 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'u32', shape });
const u8 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'u8', shape });
const [x, q, k] = [f32(2, 3, 8), f32(2, 4, 3, 8), f32(2, 2, 5, 8)];

type Refusal = readonly [
  op: string,
  inputs: Readonly<Record<string, ValueType>>,
  attributes: Readonly<Record<string, Attribute>>,
  sentence: string,
  fix?: string,
];

const refusals: readonly Refusal[] = [
  [
    'RMSNormalization',
    { X: x, scale: f32(8) },
    { epsilon: -1 },
    "the attribute 'epsilon' is -1; it must be 0 or more",
  ],
  [
    'LeakyRelu',
    { X: x },
    { alpha: 1e300 },
    "the attribute 'alpha' is 1e+300; kernels take it as f32, which holds magnitudes up to 3.4e38",
  ],
  ['TopK', { X: x }, {}, "'K' is neither an input nor an attribute; it is one of them"],
  ['TopK', { X: x }, { k: 9 }, "'K' is 9; it must be one number, from 1 to the size of the axis"],
  [
    'Gather',
    { data: x, indices: u32(2) },
    { axis: 3 },
    "the attribute 'axis' is 3; of 3 dimensions it must be an integer from -3 to 2",
  ],
  [
    'ArgMax',
    { data: x },
    { axis: -4 },
    "the attribute 'axis' is -4; of 3 dimensions it must be an integer from -3 to 2",
  ],
  [
    'Attention',
    { Q: x, K: x, V: x },
    {},
    "'Q' is 8 wide with 0 heads; the width of 3 dimensions is that of all heads, whose number must be given and divide it",
  ],
  [
    'Attention',
    { Q: x, K: x, V: x },
    { q_num_heads: 3, kv_num_heads: 2 },
    "'Q' is 8 wide with 3 heads; the width of 3 dimensions is that of all heads, whose number must be given and divide it",
  ],
  [
    'Attention',
    { Q: q, K: k, V: k },
    { kv_num_heads: 4 },
    "'K' has 2 heads; its number of heads is given as 4",
  ],
  [
    'Attention',
    { Q: q, K: f32(2, 3, 5, 8), V: f32(2, 3, 5, 8) },
    {},
    '4 query heads share 3 key heads; the first must be a multiple of the second',
  ],
  ['Attention', { Q: q, K: f32(2, 2, 5, 6), V: k }, {}, "the head size of 'K' is 6; it must be 8"],
  ['Attention', { Q: q, K: k, V: f32(2, 2, 4, 8) }, {}, "the length of 'V' is 4; it must be 5"],
  [
    'Attention',
    { Q: x, K: k, V: k },
    { q_num_heads: 1 },
    '1 query heads share 2 key heads; the first must be a multiple of the second',
  ],
  [
    'Attention',
    { Q: q, K: k, V: k, attn_mask: f32(3, 3, 5) },
    {},
    "its inputs are 'attn_mask' [3, 3] and 'scores' [2, 4, 3]; from the last axis on, their sizes must be equal or 1",
  ],
  [
    'Attention',
    { Q: q, K: k, V: k, attn_mask: f32(3, 6) },
    {},
    "'attn_mask' has shape [3, 6]; it must broadcast to [2, 4, 3, 5], or be shorter along the last axis",
  ],
  [
    'Attention',
    { Q: q, K: k, V: k, past_key: k },
    {},
    'it has past keys or past values alone; both or neither must be given',
  ],
  [
    'Attention',
    { Q: q, K: k, V: k, past_key: k, past_value: k, nonpad_kv_seqlen: u32(2) },
    {},
    'it has past keys and nonpad_kv_seqlen; a cache is either inside or outside',
  ],
  [
    'Attention',
    { Q: q, K: k, V: k, past_key: f32(2, 2, 7, 6), past_value: f32(2, 2, 7, 8) },
    {},
    "'past_key' has shape [2, 2, 7, 6]; it must be [2, 2, 7, 8]",
  ],
  [
    'Attention',
    { Q: q, K: k, V: k, nonpad_kv_seqlen: u32(3) },
    {},
    "'nonpad_kv_seqlen' has shape [3]; it must be [2], a length for each batch row",
  ],
  ['Attention', { Q: q, K: k, V: k }, { is_causal: 2 }, "the attribute 'is_causal' is 2; it must be 0 or 1"],
  [
    'Attention',
    { Q: q, K: k, V: k },
    { left_window_size: -2 },
    "the attribute 'left_window_size' is -2; it must be a number of keys, or -1",
  ],
  [
    'Attention',
    { Q: q, K: k, V: k },
    { softcap: -1 },
    "the attribute 'softcap' is -1; it must not be negative",
  ],
  [
    'Attention',
    { Q: q, K: k, V: k },
    { scale: 'large' },
    "the attribute 'scale' is large; it must be a number",
  ],
  [
    'Softmax',
    { input: x },
    { axis: 3 },
    "the attribute 'axis' is 3; of 3 dimensions it must be an integer from -3 to 2",
  ],
  ['Softmax', { input: u8(4) }, {}, "'input' is u8; it must be f32 or f16"],
  ['Softmax', { input: x }, { dim: 1 }, "it has an attribute 'dim'; it takes axis", "leave 'dim' out"],
  [
    'Softmax',
    { input: x },
    { axes: 1 },
    "it has an attribute 'axes'; it takes axis",
    "write 'axis', or leave it out",
  ],
  [
    'Softmax',
    { input: x },
    { constructor: 1 },
    "it has an attribute 'constructor'; it takes axis",
    "leave 'constructor' out",
  ],
  ['Softmax', { input: x }, { axis: 0.5 }, "the attribute 'axis' is 0.5; it must be an integer"],
  [
    'RMSNormalization',
    { X: x, scale: f32(3) },
    {},
    "its inputs are 'X' [2, 3, 8] and 'scale' [3]; from the last axis on, their sizes must be equal or 1",
  ],
  [
    'LayerNormalization',
    { X: x, Scale: f32(4, 2, 3, 8) },
    {},
    "'Scale' has shape [4, 2, 3, 8]; it must broadcast to [2, 3, 8]",
  ],
  ['LayerNormalization', { X: x }, { stash_type: 11 }, "the attribute 'stash_type' is 11; it must be 1"],
  [
    'RotaryEmbedding',
    { X: x, cos_cache: f32(9, 2), sin_cache: f32(9, 2), position_ids: u32(2, 3) },
    { num_heads: 1 },
    "'cos_cache' has shape [9, 2]; it must be [9, 4]",
  ],
  [
    'RotaryEmbedding',
    { X: x, cos_cache: f32(2, 3, 4), sin_cache: f32(2, 3, 4) },
    { num_heads: 1, rotary_embedding_dim: 5 },
    '5 channels of heads of 8 are to turn; it must be an even number of them',
  ],
  [
    'RotaryEmbedding',
    { X: x, cos_cache: f32(9, 4), sin_cache: f32(9, 4), position_ids: u32(3) },
    { num_heads: 1 },
    "'position_ids' has shape [3]; it must be [2, 3], an id for each token",
  ],
  [
    'TensorScatter',
    { past_cache: x, update: f32(2, 1, 7) },
    {},
    "dimension 2 of 'update' is 7; it must be 8",
  ],
  [
    'TensorScatter',
    { past_cache: u32(2, 3, 8), update: u32(2, 1, 8) },
    {},
    "'past_cache' is u32; it must be f32 or f16",
  ],
  [
    'TensorScatter',
    { past_cache: x, update: x },
    { axis: 0 },
    "the attribute 'axis' is that of the batch; it must be another",
  ],
  [
    'TensorScatter',
    { past_cache: x, update: x, write_indices: u32(3) },
    {},
    "'write_indices' has shape [3]; it must be [2], an index for each batch row",
  ],
  [
    'TensorScatter',
    { past_cache: x, update: x },
    { mode: 'ring' },
    "the attribute 'mode' is ring; it must be linear or circular",
  ],
  [
    'MatMulInteger',
    { A: u8(2, 3), B: u8(4, 2) },
    {},
    "'A' is [2, 3] and 'B' is [4, 2]; the last axis of A must be as long as the last but one of B",
  ],
  [
    'MatMulInteger',
    { A: u8(2, 4, 3), B: u8(3, 3, 2) },
    {},
    "its inputs are 'A' [2] and 'B' [3]; from the last axis on, their sizes must be equal or 1",
  ],
  [
    'MatMulInteger',
    { A: u8(2, 3), B: u8(3, 2), a_zero_point: u8(3) },
    {},
    "'a_zero_point' has shape [3]; it must be a scalar, [2] or [2, 1]",
  ],
  ['MatMulInteger', { A: x, B: u8(8, 2) }, {}, "'A' is f32; it must be u8 or i8"],
  [
    'DequantizeLinear',
    { x: u8(4, 6), x_scale: f32(4) },
    {},
    "'x_scale' has shape [4]; it must be a scalar or [6]",
  ],
  [
    'DequantizeLinear',
    { x: u8(4, 6), x_scale: f32(4, 2) },
    { block_size: 2 },
    "'x_scale' has shape [4, 2]; it must be a scalar or [4, 3] for blocks of 2",
  ],
  [
    'DequantizeLinear',
    { x: u8(4, 6), x_scale: f32(6), x_zero_point: u8(1) },
    {},
    "'x_zero_point' has shape [1]; it must be that of 'x_scale', [6]",
  ],
  [
    'DequantizeLinear',
    { x: u8(4), x_scale: f32(1) },
    { output_dtype: 16 },
    "the attribute 'output_dtype' is 16; it must be 0 or 1 or 10",
  ],
  ['SwiGLU', { A: x, B: f32(8) }, {}, "'B' has shape [8]; it must be [2, 3, 8], as of 'A'"],
  [
    'Gelu',
    { X: x },
    { approximate: 'quick' },
    "the attribute 'approximate' is quick; it must be none or tanh",
  ],
  [
    'Add',
    { A: x, B: f32(4) },
    {},
    "its inputs are 'A' [2, 3, 8] and 'B' [4]; from the last axis on, their sizes must be equal or 1",
  ],
  ['Add', { A: x, B: u32(8) }, {}, "'B' is u32; it must be f32"],
  [
    'Transpose',
    { data: x },
    { perm: [0, 1] },
    "the attribute 'perm' is [0,1]; it must list the axes 0 to 2, each once",
  ],
];

/** Values before a node, in a graph with these symbols. */
const scopeOf = (values: Readonly<Record<string, ValueType>>): NodeScope => ({
  values,
  contents: {},
  scalars: new Set(),
  extents: extentScope(symbols),
});
const symbols = {
  tokens: { max: 6 },
  keys: { min: 7, max: 16 },
  batch: { min: 7, max: 9 },
  rows: { max: 6 },
};

for (const [op, types, attributes, sentence, fix] of refusals)
  test(`${op} refuses: ${sentence}`, () => {
    const inputs = Object.fromEntries(Object.keys(types).map((role) => [role, role]));
    try {
      inferNode('node', findOperator(operators, '', op), inputs, attributes, scopeOf(types));
      expect.unreachable();
    } catch (error) {
      if (!isTilewrightError(error)) throw error;
      expect(error.code).toBe(/^'\w+' is [a-z]\w*; it must be/.test(sentence) ? 'bad-dtype' : 'bad-graph');
      expect(error.message).toBe(`[node] ${sentence}.${fix === undefined ? '' : ` Fix: ${fix}.`}`);
    }
  });
