import { foldWhere } from '../../extent/fold.ts';
import { extentAlgebra } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { knownOf } from '../shape/known.ts';
import { broadcast, elementType } from '../shapes.ts';
import { commonType, commonTypeOf } from './element-types.ts';
import { computedType, mapRequest } from './map-request.ts';

/** ONNX `Where` (opset 16) of f32, f16, i32 and u32, chosen by booleans (u32). What is not chosen has no part in the result. */
export const where: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Where',
  // output = X where condition is not 0, else Y, broadcast
  inputs: [
    { name: 'condition', kind: 'required' },
    { name: 'X', kind: 'required' },
    { name: 'Y', kind: 'required' },
  ],
  infer: (context) => {
    const { condition, X, Y } = context.inputs;
    if (!context.contents.condition) elementType(context.subject, 'condition', condition!, ['u32']);
    const dtype = commonType(context, ['X', 'Y']);
    const shape = broadcast(context, { condition: condition!.shape, X: X!.shape, Y: Y!.shape });
    return { output: { dtype, shape } };
  },
  fold: (context) => {
    const [condition, x, y] = ['condition', 'X', 'Y'].map((role) => knownOf(context, role));
    return {
      output: condition && x && y && foldWhere(extentAlgebra(context.extents.symbols), condition, x, y),
    };
  },
  lower: (node, context) => {
    const { condition, X, Y } = node.inputs as Record<'condition' | 'X' | 'Y', string>;
    const type = computedType(commonTypeOf(node, ['X', 'Y'], context));
    return mapRequest(
      node,
      'output',
      {
        id: type,
        operands: { a: { value: condition, type: 'u32' }, b: { value: X, type }, c: { value: Y, type } },
        wgsl: 'return select(c, b, a != 0u);',
      },
      context,
    );
  },
});
