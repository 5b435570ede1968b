// What transforms say of inputs and attributes that do not fit. No GPU.
import { isTilewrightError } from '@tilewright/kernels';
import { expect, test } from 'vitest';
import { extentScope } from '../../extent/index.ts';
import { inferNode } from '../../infer-node.ts';
import type { Attribute, Operator, ValueType } from '../../ir.ts';
import { hadamardTransform } from './hadamard-transform.ts';

const f32 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'f32', shape });
const u32 = (...shape: ValueType['shape']): ValueType => ({ dtype: 'u32', shape });

type Refusal = readonly [
  operator: Operator,
  inputs: Readonly<Record<string, ValueType>>,
  attributes: Readonly<Record<string, Attribute>>,
  message: string,
];

const refusals: readonly Refusal[] = [
  [hadamardTransform, { x: u32(2, 8) }, {}, "bad-dtype: [node] 'x' is u32; it must be f32 or f16."],
  [
    hadamardTransform,
    { x: f32(2, 28) },
    {},
    'bad-graph: [node] its blocks have 28 elements; they have 1, 12 or 20 times a power of two.',
  ],
  [
    hadamardTransform,
    { x: f32(2, 64) },
    { block: 12 },
    'bad-graph: [node] an axis of 64 has blocks of 12; blocks divide the axis.',
  ],
  [
    hadamardTransform,
    { x: f32(2, 'n') },
    {},
    "bad-graph: [node] 'x' has shape [n]; the size 'n' must be a number here.",
  ],
  [
    hadamardTransform,
    { x: f32(2, 8) },
    { axis: 2 },
    "bad-graph: [node] the attribute 'axis' is 2; of 2 dimensions it must be an integer from -2 to 1.",
  ],
];

test.each(refusals)('%s refuses %j, %j', (operator, inputs, attributes, message) => {
  let refused = 'accepted';
  try {
    const names = Object.fromEntries(Object.keys(inputs).map((role) => [role, role]));
    inferNode('node', operator, names, attributes, {
      values: inputs,
      contents: {},
      scalars: new Set(),
      extents: extentScope({ n: { max: 64 } }),
    });
  } catch (error) {
    if (isTilewrightError(error)) refused = `${error.code}: ${error.message}`;
    else throw error;
  }
  expect(refused).toBe(message);
});
