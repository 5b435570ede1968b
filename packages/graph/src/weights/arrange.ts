import type { HostTensor, StateDict } from '@tilewright/kernels';
import { denseDType, unpackDense } from '@tilewright/kernels/weights/dense';
import type { Graph } from '../ir.ts';
import type { Rule } from '../rewrite.ts';
import { simplify } from '../simplify.ts';
import { prepareWeights } from './prepare.ts';

/** A graph as it runs, and the weights that it wants. */
export interface Arranged {
  readonly graph: Graph;
  readonly weights: StateDict;
}

/**
 * Merges what can be computed at once, as the formats of the weights allow, and makes the weights that the result wants:
 * rows joined, permuted, alternated, exact in any format. This happens at load and is never saved. Gains of ones vanish. `rules` are applied first:
 * `transposeWeights` for graphs read from ONNX files.
 *
 * Throws `bad-model` for missing tensors and wrong shapes.
 */
export function arrange(graph: Graph, state: StateDict, rules: readonly Rule[] = []): Arranged {
  const formats = new Map([...state].map(([name, { format }]) => [name, format]));
  const neutral = new Set([...state].flatMap(([name, tensor]) => (isOnes(tensor) ? [name] : [])));
  const simplified = simplify(graph, { formats, neutral, rules });
  return { graph: simplified, weights: prepareWeights(simplified, state) };
}

const isOnes = (tensor: HostTensor): boolean =>
  tensor.shape.length === 1 &&
  denseDType(tensor.format) !== undefined &&
  unpackDense(tensor).every((value) => value === 1);
