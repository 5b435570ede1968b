import { printShape } from '../../extent/index.ts';
import type { Attribute, Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { add } from '../pointwise/add.ts';
import { multiple } from '../pointwise/multiple.ts';
import { transpose } from '../shape/transpose.ts';
import { badNode, broadcast, elementType, floats, rank, sameShape } from '../shapes.ts';
import { matMul } from './mat-mul.ts';
import { productOf } from './product.ts';

/** ONNX `Gemm` (opset 13) of f32 and f16: a product of matrices, transposed or not, and what is added to it. */
export const gemm: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Gemm',
  // Y = alpha · A · B + beta · C
  inputs: [
    { name: 'A', kind: 'required' },
    { name: 'B', kind: 'required' },
    { name: 'C', kind: 'optional' },
  ],
  attributes: {
    alpha: { type: 'number', default: 1 },
    beta: { type: 'number', default: 1 },
    transA: { type: 'integer', default: 0, choices: [0, 1] },
    transB: { type: 'integer', default: 0, choices: [0, 1] },
  },
  infer: (context) => {
    const { subject, inputs, attributes } = context;
    const { A: a, B: b, C: c } = inputs;
    for (const role of ['A', 'B']) rank(subject, role, inputs[role]!, 2);
    elementType(subject, 'A', a!, floats);
    for (const [role, type] of Object.entries(inputs)) elementType(subject, role, type, [a!.dtype]);
    const turned = (type: typeof a, isTurned: number) => ({
      ...type!,
      shape: isTurned === 1 ? type!.shape.toReversed() : type!.shape,
    });
    const operands = { A: turned(a, attributes.transA), B: turned(b, attributes.transB) };
    const { shape } = productOf({ ...context, inputs: operands });
    if (c && !sameShape(context, broadcast(context, { 'A · B': shape, C: c.shape }), shape))
      throw badNode(
        subject,
        `'C' has shape ${printShape(c.shape)}`,
        `it must broadcast to ${printShape(shape)}`,
      );
    return { Y: { dtype: a!.dtype, shape } };
  },
  expand: (node) => {
    const { alpha, beta, transA, transB } = node.attributes;
    const { A, B, C } = node.inputs as Record<'A' | 'B', string> & { readonly C?: string };
    const nodes: Node[] = [];
    const put = (
      operator: Operator,
      inputs: Readonly<Record<string, string>>,
      role: string,
      part: string,
      attributes: Readonly<Record<string, Attribute>> = {},
    ): string => {
      const name = `${node.name}.${part}`;
      nodes.push({ name, operator, inputs, outputs: { [role]: name }, attributes });
      return name;
    };
    const turned = (data: string, isTurned: number, part: string): string =>
      isTurned === 1 ? put(transpose, { data }, 'transposed', part) : data;
    const scaled = (X: string, factor: number, part: string): string =>
      factor === 1 ? X : put(multiple, { X }, 'Y', part, { factor });
    const product = put(matMul, { A: turned(A, transA, 'A'), B: turned(B, transB, 'B') }, 'Y', 'product');
    const alphas = scaled(product, alpha, 'alpha');
    if (C !== undefined) put(add, { A: alphas, B: scaled(C, beta, 'beta') }, 'C', 'sum');
    const last = nodes.at(-1)!;
    const [role] = Object.keys(last.outputs);
    return nodes.with(-1, { ...last, outputs: { [role!]: node.outputs.Y! } });
  },
});
