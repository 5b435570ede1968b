import { type HostTensor, type StateDict, TilewrightError } from '@tilewright/kernels';
import { concatRows, permuteRows } from '@tilewright/kernels/weights/unchecked';
import { packF32, unpackDense } from '@tilewright/kernels/weights/dense';
import type { Graph } from '../ir.ts';
import type { WeightExpression } from './weight-expression.ts';

/**
 * The state dict a graph wants, from one in published names: every weight by the graph's own name, after merging.
 *
 * Throws `bad-model` for missing tensors and wrong shapes.
 */
export function prepareWeights(graph: Graph, state: StateDict): Map<string, HostTensor> {
  const prepared = new Map<string, HostTensor>();
  for (const [name, expression] of Object.entries(graph.weights)) {
    const tensor = evaluateWeight(expression, state, name);
    const want = graph.values[name]!.shape;
    if (want.join() !== tensor.shape.join())
      throw new TilewrightError('bad-model', {
        subject: name,
        problem: `the weight has shape [${tensor.shape.join(', ')}]`,
        requirement: `the model's configuration makes it [${want.join(', ')}]`,
        fix: 'check that config.json belongs to these weights',
      });
    prepared.set(name, tensor);
  }
  return prepared;
}

function evaluateWeight(expression: WeightExpression, state: StateDict, subject: string): HostTensor {
  switch (expression.kind) {
    case 'stored': {
      const tensor = state.get(expression.name);
      if (tensor) return isVector(tensor) ? vectorOf(unpackDense(tensor)) : tensor;
      throw new TilewrightError('bad-model', {
        subject,
        problem: `the tensor '${expression.name}' is not among the weights`,
        requirement: `the model's configuration needs it`,
        fix: 'check that the weight files are complete and belong to config.json',
      });
    }
    case 'concat-rows':
      return concatRows(expression.parts.map((part) => evaluateWeight(part, state, subject)));
    case 'permute-rows':
      return permuted(evaluateWeight(expression.of, state, subject), expression.permutation);
    case 'made':
      return expression.make(evaluateWeight(expression.of, state, subject));
    case 'zeros':
      return vectorOf(new Float32Array(expression.rows));
  }
}

const isVector = ({ shape }: HostTensor): boolean => shape.length === 1;

/** Gains and biases are few: kernels read them as plain f32. */
const vectorOf = (values: Float32Array): HostTensor => packF32(values, [values.length]);

function permuted(tensor: HostTensor, permutation: readonly number[]): HostTensor {
  if (!isVector(tensor)) return permuteRows(tensor, permutation);
  const values = unpackDense(tensor);
  return vectorOf(Float32Array.from(permutation, (row) => values[row]!));
}
