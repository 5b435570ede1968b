import { foldShape } from '../../extent/fold.ts';
import type { InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';

interface ShapeAttributes {
  readonly start: number;
  readonly end: number | null;
}

/** ONNX `Shape` (opset 25): the sizes of the axes from `start` to before `end`, both clamped. Known while a graph is built. */
export const shape: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Shape',
  // shape = the sizes of data
  inputs: [{ name: 'data', kind: 'required' }],
  attributes: { start: { type: 'integer', default: 0 }, end: { type: 'integer', default: null } },
  infer: (context) => ({ shape: { dtype: 'i32', shape: [sizesOf(context).length] } }),
  fold: (context) => ({ shape: sizesOf(context) }),
});

const sizesOf = ({ inputs, attributes }: InferContext<ShapeAttributes>): ReturnType<typeof foldShape> =>
  foldShape(inputs.data!.shape, {
    start: attributes.start,
    ...(attributes.end !== null && { end: attributes.end }),
  });
