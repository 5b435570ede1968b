import { batchedMatmul, batchedMatmulAxes } from '@tilewright/kernels/batched-matmul';
import { productOf as extentProduct } from '../../extent/index.ts';
import type {
  InferContext,
  KernelRequest,
  LoweringContext,
  Node,
  Operator,
  Slot,
  ValueType,
} from '../../ir.ts';
import { regionEpilogue } from '../../lowering/region-epilogue.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext, inputTypes, numbersOf } from '../shapes.ts';
import { frontOf } from './front-of-product.ts';
import { matricesOf, productOf } from './product.ts';
import { weightProduct } from './weight-product.ts';
import { weightRequest } from './weight-request.ts';

const inputs = [
  { name: 'A', kind: 'required' },
  { name: 'B', kind: 'required' },
] as const;
const product = { input: 'A', weight: 'B' } as const;
const slots: Readonly<Record<string, Slot>> = {
  load: {
    direction: 'load',
    role: 'A',
    hands: 'row',
    when: (node, context) => weightProduct(node, context) !== undefined,
  },
  epilogue: { direction: 'epilogue', role: 'Y', hands: 'quad' },
};

function infer(context: InferContext): Readonly<Record<string, ValueType>> {
  const { A, B } = context.inputs as Record<'A' | 'B', ValueType>;
  elementType(context.subject, 'A', A, floats);
  // A weight counts as f32 in a graph, whatever its format.
  elementType(context.subject, 'B', B, A.dtype === 'f32' ? ['f32'] : [A.dtype, 'f32']);
  return { Y: { dtype: A.dtype, shape: productOf(context).shape } };
}

/**
 * ONNX `MatMul` (opset 13). A stored weight `[N, K]`, in any format, enters as `Transpose(weight)`, which is never
 * computed. A norm in front and what reads the result alone behind move into the product.
 */
export const matMul: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'MatMul',
  // Y = A · B, leading axes broadcast
  product,
  inputs,
  slots,
  infer,
  lower: (node, context) => {
    const product = weightProduct(node, context);
    return product ? weightRequest(node, product, context) : batchedRequest(node, context);
  },
});

/** The same operator without the kernels for two activations: a graph whose products all are of weights needs none of them. */
export const matMulOfWeight: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'MatMul',
  // Y = A · B, leading axes broadcast
  product,
  inputs,
  slots,
  infer,
  lower: (node, context) => {
    const product = weightProduct(node, context);
    if (product) return weightRequest(node, product, context);
    throw badNode(node.name, "'B' is not the transpose of a weight", 'build it with `matMul`');
  },
});

/** A product of two activations. Rows and batches may vary from run to run; columns and the inner size may not. */
function batchedRequest(node: Node, context: LoweringContext): KernelRequest {
  const types = inputTypes(node, context.values);
  const { batches, ...sizes } = productOf(inferredContext(node, context));
  const [n, k] = numbersOf(node.name, 'Y', [sizes.n, sizes.k]) as [number, number];
  const batch = extentProduct(context.extents, ...batches);
  const { m } = sizes;
  const options = {
    a_strides: `${matricesOf(node.name, batches, types.A!.shape.slice(0, -2))} m k`,
    b_strides: `${matricesOf(node.name, batches, types.B!.shape.slice(0, -2))} k n`,
  };
  const { filling, ...output } = regionEpilogue(node, { role: 'Y', columns: n }, context);
  const front = frontOf(node, node.inputs.A!, context);
  const bindings = { a: front.input, b: node.inputs.B!, ...output.bindings, ...front.bindings };
  const axes = { batch: context.planned(batch), m: context.planned(m), n, k };
  return {
    kernels: [batchedMatmul],
    problem: {
      axes: batchedMatmulAxes(axes, options),
      dtypes: dtypesOf(context, bindings),
      options,
      slots: { ...front.slots, ...(filling && { epilogue: filling }) },
    },
    bindings,
    sizes: { batch, m },
    addressedBytes: output.addressedBytes,
    flops: extentProduct(context.extents, batch, m, 2 * n * k),
  };
}
