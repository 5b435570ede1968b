import type { Layout } from '@tilewright/kernels';
import type { Graph, GraphIndex, Node } from '../ir.ts';
import type { Edit, Rule } from '../rewrite.ts';

const linearOps = new Set(['Linear', 'GateUp', 'LinearRopeCache']);

/** The nodes that read a norm's output, if all are linear layers and nothing else needs it. */
function linearReaders(node: Node, index: GraphIndex): readonly Node[] | undefined {
  if (node.op !== 'RMSNormalization' || index.kept.has(node.outputs.y!)) return undefined;
  const readers = index.consumers.get(node.outputs.y!) ?? [];
  const linear = readers.every((each) => linearOps.has(each.op) && each.inputs.x === node.outputs.y);
  return readers.length > 0 && linear ? readers : undefined;
}

/**
 * Folds a norm's gain into the columns of the weights behind it. Only for weights that are dense and that nothing else
 * reads (a tied embedding would be stored twice); otherwise the gain stays where it is.
 */
export function foldNormGain(layoutOf: (weight: string) => Layout | undefined): Rule {
  return {
    name: 'fold-norm-gain',
    apply(node, graph, index) {
      const gain = node.inputs.weight;
      const readers = linearReaders(node, index);
      if (!gain || !readers) return undefined;
      const foldable = (reader: Node): boolean => {
        const weight = reader.inputs.weight!;
        return (layoutOf(weight)?.kind ?? 'dense') === 'dense' && index.consumers.get(weight)!.length === 1;
      };
      if (!readers.every(foldable) || !graph.weights[gain]) return undefined;
      const weights: Record<string, NonNullable<Edit['weights']>[string]> = {};
      const folded = readers.map((reader): Node => {
        const weight = reader.inputs.weight!;
        const name = `${weight}.folded`;
        weights[name] = {
          expression: { kind: 'scale-columns', by: graph.weights[gain]!, of: graph.weights[weight]! },
          shape: graph.values[weight]!.shape as number[],
        };
        return { ...reader, inputs: { ...reader.inputs, weight: name } };
      });
      const { weight: _gain, ...inputs } = node.inputs;
      return { remove: [node, ...readers], add: [{ ...node, inputs }, ...folded], weights };
    },
  };
}

/**
 * A norm in front of linear layers vanishes into them: the sum of squares rides along their K loop, 1/rms is a factor
 * of the row, and a gain that could not be folded multiplies the row as it is read.
 */
export const fuseNorm: Rule = {
  name: 'fuse-norm',
  apply(node, _graph: Graph, index) {
    const readers = linearReaders(node, index);
    if (!readers || readers.some((each) => each.attributes.normEpsilon !== undefined)) return undefined;
    const fused = readers.map((reader): Node => ({
      ...reader,
      inputs: {
        ...reader.inputs,
        x: node.inputs.x!,
        ...(node.inputs.weight && { gain: node.inputs.weight }),
      },
      attributes: { ...reader.attributes, normEpsilon: node.attributes.epsilon! },
    }));
    return { remove: [node, ...readers], add: fused };
  },
};
