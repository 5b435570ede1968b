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

const refusals: readonly Refusal[] = [
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
