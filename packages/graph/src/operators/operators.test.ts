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
const cache = f32(1, 2, 16, 4);
const [x, y] = [f32('tokens', 8), f32('tokens', 6)];

const refusals: readonly [
  string,
  Readonly<Record<string, ValueType>>,
  Readonly<Record<string, Attribute>>,
  string,
][] = [
  [
    'Embedding',
    { table: f32(4), ids: u32('tokens') },
    {},
    "'table' has shape [4]; it must have 2 dimensions",
  ],
  [
    'CrossEntropy',
    { logits: x, targets: u32('keys') },
    {},
    "'targets' has shape [keys]; it must be [tokens], as 'logits' before its last axis",
  ],
  ['Gram', { past: f32(4, 4), x }, {}, 'the size of the sum is 4; it must be 8'],
  [
    'Rope',
    { x, table: f32(9, 2, 2), positions: u32('tokens', 2) },
    {},
    "the attribute 'heads' is missing; Rope needs an integer",
  ],
  [
    'CacheWrite',
    { past: cache, update: y, positions: u32('tokens', 2) },
    {},
    'the width of the update is 6; it must be 8',
  ],
  [
    'CacheWrite',
    { past: cache, update: x, positions: u32('keys', 2) },
    {},
    "'positions' has shape [keys, 2]; its axes before the last must be [tokens]",
  ],
  [
    'CachedAttention',
    { q: f32(2, 'tokens', 8), key: cache, value: cache, lengths: u32(2) },
    { heads: 2, kvHeads: 2, keys: 'keys' },
    'the number of sequences in the cache is 1; it must be 2',
  ],
  [
    'CachedAttention',
    { q: f32(1, 'tokens', 6), key: cache, value: cache, lengths: u32(1) },
    { heads: 2, kvHeads: 2, keys: 'keys' },
    'the width of q is 6; it must be 8',
  ],
  [
    'CachedAttention',
    { q: f32(1, 'tokens', 8), key: cache, value: cache, lengths: u32(1) },
    { heads: 2, kvHeads: 1, keys: 'keys' },
    'the number of key heads is 2; it must be 1',
  ],
  [
    'CachedAttention',
    { q: f32(1, 'tokens', 8), key: cache, value: f32(1, 2, 8, 4), lengths: u32(1) },
    { heads: 2, kvHeads: 2, keys: 'keys' },
    'the capacity of value is 8; it must be 16',
  ],
  [
    'CachedAttention',
    { q: f32(1, 'tokens', 12), key: cache, value: cache, lengths: u32(1) },
    { heads: 3, kvHeads: 2, keys: 'keys' },
    '3 query heads share 2 key heads; the first must be a multiple of the second',
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
  expect(() => inferNode('node', argMax, { x: 'ghost' }, {}, scopeOf({}))).toThrow(
    "[node] the value 'ghost' does not exist; a node reads values that stand before it.",
  );
});
