// What the operators say of inputs that do not fit.
import { isTilewrightError } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import type { Attribute, ValueType } from '../ir.ts';
import { extentScope } from '../extent/index.ts';
import { inferNode, type NodeScope } from '../infer-node.ts';
import { operators } from '../registry.ts';
import { findOperator } from './find-operator.ts';
import { argMax } from './tokens/arg-max.ts';

const f32 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'f32', shape });
const u32 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'u32', shape });
const cache = f32(1, 2, 16, 8);
const x = f32('tokens', 8);

const refusals: readonly [
  string,
  Readonly<Record<string, ValueType>>,
  Readonly<Record<string, Attribute>>,
  string,
][] = [
  [
    'CrossEntropy',
    { logits: x, targets: u32('keys') },
    {},
    "'targets' has shape [keys]; it must be [tokens], as 'logits' before its last axis",
  ],
  ['Gram', { past: f32(4, 4), x }, {}, 'the size of the sum is 4; it must be 8'],
  [
    'AppendCache',
    { cache, K: f32(1, 'tokens', 8), V: f32(1, 'tokens', 6), sequences: u32(2, 2) },
    {},
    'the width of K and V together is 14; it must be 16',
  ],
  [
    'AppendCache',
    { cache, K: f32(1, 'tokens', 8), V: f32(1, 'keys', 8), sequences: u32(2, 2) },
    {},
    'the number of tokens of V is keys; it must be tokens',
  ],
  [
    'AppendCache',
    { cache, K: f32(2, 'tokens', 8), V: f32(1, 'tokens', 8), sequences: u32(2, 2) },
    {},
    "the batch of 'K' is 2; it must be 1",
  ],
  [
    'AppendCache',
    { cache, K: f32(1, 'tokens', 8), V: f32(1, 'tokens', 8), sequences: u32(3, 2) },
    {},
    'the number of sequences is 2; it must be 1',
  ],
  [
    'AppendCache',
    { cache, K: f32(1, 'tokens', 8), V: f32(1, 'tokens', 8), sequences: u32(2) },
    {},
    "'sequences' has shape [2]; it must be [rows + 1, 2]: a first token and the positions before it, and the number of tokens at the end",
  ],
  [
    'CachedAttention',
    { Q: f32(1, 'tokens', 6), cache, sequences: u32(2, 2) },
    { q_num_heads: 4 },
    'Q is 6 wide with 4 heads; the heads divide it, into less than the 8 channels of a key and a value together',
  ],
  [
    'CachedAttention',
    { Q: f32(1, 'tokens', 12), cache, sequences: u32(2, 2) },
    { q_num_heads: 3 },
    '3 query heads share 2 key heads; the first must be a multiple of the second',
  ],
  [
    'CachedAttention',
    { Q: f32(1, 'tokens', 8), cache, sequences: u32(4, 2) },
    { q_num_heads: 2 },
    'the number of sequences is 3; it must be 1',
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

test.each(refusals)('%s refuses %j', (op, types, attributes, sentence) => {
  const inputs = Object.fromEntries(Object.keys(types).map((role) => [role, role]));
  try {
    inferNode('node', findOperator(operators, 'tilewright', op), inputs, attributes, scopeOf(types));
    expect.unreachable();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    expect(error.code).toBe('bad-graph');
    expect(error.message).toBe(`[node] ${sentence}.`);
  }
});

test('a node reads values that exist', () => {
  expect(() => inferNode('node', argMax, { data: 'ghost' }, {}, scopeOf({}))).toThrow(
    "[node] the value 'ghost' does not exist; a node reads values that stand before it.",
  );
});
