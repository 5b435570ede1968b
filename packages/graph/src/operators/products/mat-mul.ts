import { batchedMatmul, batchedMatmulAxes } from '@tilewright/kernels/batched-matmul';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { elementType, floats, inferredContext, inputTypes } from '../shapes.ts';
import { matricesOf, productOf } from './product.ts';

/** ONNX `MatMul` (opset 13) of activations; a layer's weight is a `Linear`'s. */
export const matMul: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'MatMul',
  summary: 'Y = A · B, leading axes broadcast',
  inputs: [
    { name: 'A', kind: 'required' },
    { name: 'B', kind: 'required' },
  ],
  infer: (context) => {
    const { subject, inputs } = context;
    elementType(subject, 'A', inputs.A!, floats);
    elementType(subject, 'B', inputs.B!, [inputs.A!.dtype]);
    return { Y: { dtype: inputs.A!.dtype, shape: productOf(context).shape } };
  },
  lower: (node, context) => {
    const inputs = inputTypes(node, context.values);
    const { m, n, k, batches } = productOf(inferredContext(node, context));
    const batch = batches.reduce((product, size) => product * size, 1);
    const options = {
      a_strides: `${matricesOf(batches, inputs.A!.shape.slice(0, -2))} m k`,
      b_strides: `${matricesOf(batches, inputs.B!.shape.slice(0, -2))} k n`,
    };
    const bindings = {
      a: node.inputs.A!,
      b: node.inputs.B!,
      y: node.outputs.Y!,
    };
    return {
      kernels: [batchedMatmul],
      problem: {
        axes: batchedMatmulAxes({ batch, m, n, k }, options),
        dtypes: dtypesOf(context, bindings),
        options,
      },
      bindings,
      sizes: { batch, m },
      flops: 2 * batch * m * n * k,
    };
  },
});
