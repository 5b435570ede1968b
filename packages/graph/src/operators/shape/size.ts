import { foldSize } from '../../extent/fold.ts';
import { extentAlgebra } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';

/** ONNX `Size` (opset 25): how many elements there are. Known while a graph is built. */
export const size: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Size',
  // size = the number of elements of data
  inputs: [{ name: 'data', kind: 'required' }],
  infer: () => ({ size: { dtype: 'i32', shape: [] } }),
  fold: ({ inputs, extents }) => ({ size: foldSize(extentAlgebra(extents.symbols), inputs.data!.shape) }),
});
