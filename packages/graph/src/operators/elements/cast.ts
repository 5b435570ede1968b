import type { UniformType } from '@tilewright/kernels';
import { foldTruth, foldUnchanged } from '../../extent/fold.ts';
import { extentAlgebra } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { knownOf } from '../shape/known.ts';
import { elementType } from '../shapes.ts';
import { heldType } from './data-types.ts';
import { numbers } from './element-types.ts';
import { computedType, mapRequest } from './map-request.ts';

/**
 * ONNX `Cast` (opset 25) among f32, f16, i32, u32 and booleans; `to` is a data type of ONNX's, held as `heldType` says. Floats become
 * integers by leaving out the fraction, the nearest one where they lie beyond all, and 0 where they are NaN.
 */
export const cast: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Cast',
  // output = input as another type
  inputs: [{ name: 'input', kind: 'required' }],
  attributes: {
    to: { type: 'integer' },
    // Of floats of 8 bits alone, which nothing is cast to.
    saturate: { type: 'integer', default: 1, choices: [0, 1] },
    round_mode: { type: 'string', default: 'up', choices: ['up', 'down', 'nearest'] },
  },
  infer: ({ subject, inputs, attributes }) => {
    elementType(subject, 'input', inputs.input!, numbers);
    return { output: { dtype: heldType(subject, 'to', attributes.to).dtype, shape: inputs.input!.shape } };
  },
  fold: (context) => {
    const input = knownOf(context, 'input');
    const { dtype, boolean } = heldType(context.subject, 'to', context.attributes.to);
    if (!input || computedType(dtype) === 'f32') return {};
    return {
      output: boolean ? foldTruth(extentAlgebra(context.extents.symbols), input) : foldUnchanged(input),
    };
  },
  lower: (node, context) => {
    const { input } = node.inputs as { readonly input: string };
    const { dtype, boolean = false } = heldType(node.name, 'to', node.attributes.to);
    const [type, to] = [computedType(context.values[input]!.dtype), computedType(dtype)];
    return mapRequest(
      node,
      'output',
      {
        id: `${type} ${boolean}`,
        operands: { a: { value: input, type } },
        wgsl: boolean ? truth[type] : type === 'f32' && to !== 'f32' ? truncated[to] : converted(type, to),
      },
      context,
    );
  },
});

const truth = {
  f32: 'return u32((bitcast<u32>(a) & 0x7fffffffu) != 0u);',
  i32: 'return u32(a != 0);',
  u32: 'return u32(a != 0u);',
};

const truncated = {
  i32: `let number = i32(clamp(a, -2147483648.0, 2147483520.0));
  let most = select(number, 2147483647, a >= 2147483648.0);
  return select(most, 0, (bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u);`,
  u32: `let number = u32(clamp(a, 0.0, 4294967040.0));
  let most = select(number, 4294967295u, a >= 4294967296.0);
  return select(most, 0u, (bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u);`,
};

const converted = (type: UniformType, to: UniformType): string =>
  type === to ? 'return a;' : `return ${to}(a);`;
