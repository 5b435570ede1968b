// Products of matrices as ONNX has them: leading axes broadcast, vectors count as matrices.
import { batchedMatmulAxes } from '@tilewright/kernels/batched-matmul';
import type { Dimension } from '../ir.ts';
import { dtypesOf, type Lower } from '../lowering/lowering.ts';
import { badNode, type InferContext, type Operator } from '../operators/operator.ts';
import { attributesOf } from './attributes.ts';
import { broadcast, elementType, floats, numbersOf } from './shape.ts';

interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Leading axes of the result. */
  readonly batches: readonly number[];
  readonly shape: readonly Dimension[];
}

/** Sizes of a product of matrices whose leading axes broadcast; vectors are matrices of one row or column. Throws `bad-graph`. */
export function productOf({ subject, inputs }: Pick<InferContext, 'subject' | 'inputs'>): Product {
  const matrix = (role: 'A' | 'B'): readonly number[] => {
    const shape = numbersOf(subject, role, inputs[role]!.shape);
    if (shape.length === 0) throw badNode(subject, `'${role}' has no dimensions`, 'it must have 1 or more');
    return shape.length > 1 ? shape : role === 'A' ? [1, ...shape] : [...shape, 1];
  };
  const [a, b] = [matrix('A'), matrix('B')];
  if (a.at(-1) !== b.at(-2))
    throw badNode(
      subject,
      `'A' is [${inputs.A!.shape.join(', ')}] and 'B' is [${inputs.B!.shape.join(', ')}]`,
      'the last axis of A must be as long as the last but one of B',
    );
  const batches = broadcast(subject, { A: a.slice(0, -2), B: b.slice(0, -2) }) as readonly number[];
  const [m, n] = [a.at(-2)!, b.at(-1)!];
  const rows = inputs.A!.shape.length > 1 ? [m] : [];
  const columns = inputs.B!.shape.length > 1 ? [n] : [];
  return { m, n, k: a.at(-1)!, batches, shape: [...batches, ...rows, ...columns] };
}

/** Which matrix of an operand a batch row takes, in the digits of a memory order. */
export function matricesOf(batches: readonly number[], own: readonly Dimension[]): string {
  const missing = batches.length - own.length;
  const digits = batches.flatMap((size, i) => {
    if (size === 1) return [];
    return [{ size, repeated: (own[i - missing] ?? 1) === 1 }];
  });
  const words = digits.map(({ size, repeated }, i) => {
    const digit = i === 0 ? 'b' : `b:${size}`;
    return repeated ? `(${digit})` : digit;
  });
  return words.join(' ') || 'b';
}

/** ONNX `MatMul` (opset 13) of activations; a layer's weight is a `Linear`'s. */
export const matMul: Operator = {
  name: 'MatMul',
  summary: 'Y = A · B, leading axes broadcast',
  inputs: ['A', 'B'],
  infer: (context) => {
    const { subject, inputs } = context;
    attributesOf(context, {});
    elementType(subject, 'A', inputs.A!, floats);
    elementType(subject, 'B', inputs.B!, [inputs.A!.dtype]);
    return { Y: { dtype: inputs.A!.dtype, shape: productOf(context).shape } };
  },
};

export const lowerMatMul: Lower = (node, context) => {
  const { values } = context.graph;
  const [a, b] = [values[node.inputs.A!]!, values[node.inputs.B!]!];
  const { m, n, k, batches } = productOf({ subject: node.name, inputs: { A: a, B: b } });
  const batch = batches.reduce((product, size) => product * size, 1);
  const options = {
    a_strides: `${matricesOf(batches, a.shape.slice(0, -2))} m k`,
    b_strides: `${matricesOf(batches, b.shape.slice(0, -2))} k n`,
  };
  const bindings = { a: node.inputs.A!, b: node.inputs.B!, y: node.outputs.Y! };
  return {
    kernels: ['batched-matmul'],
    problem: {
      axes: batchedMatmulAxes({ batch, m, n, k }, options),
      dtypes: dtypesOf(context.graph, bindings),
      options,
    },
    bindings,
    sizes: { batch, m },
    flops: 2 * batch * m * n * k,
  };
};
