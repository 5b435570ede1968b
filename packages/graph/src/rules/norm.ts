import type { WeightFormat } from '@tilewright/kernels';
import { denseDType } from '@tilewright/kernels/weights/dense';
import { type GraphContext, type GraphIndex, isOf, type Node } from '../ir.ts';
import { completeNode } from '../operators/attributes.ts';
import { rmsNormalization } from '../operators/normalization/rms-normalization.ts';
import { gateUp } from '../operators/products/gate-up.ts';
import { linear } from '../operators/products/linear.ts';
import { linearRopeCache } from '../operators/products/linear-rope-cache.ts';
import type { Edit, Rule } from '../rewrite.ts';

const linearOperators = [linear, gateUp, linearRopeCache];

/** The nodes that read a norm of rows, if all are linear layers and nothing else needs it. */
function linearReaders(
  node: Node,
  { consumers, kept, values }: GraphIndex & Pick<GraphContext, 'values'>,
): readonly Node[] | undefined {
  if (!isOf(node, rmsNormalization) || kept.has(node.outputs.Y!)) return undefined;
  const { axis } = completeNode(node).attributes as { readonly axis: number };
  if (axis !== -1 && axis !== values[node.inputs.X!]!.shape.length - 1) return undefined;
  const readers = [...(consumers.get(node.outputs.Y!) ?? [])];
  const fits = readers.every(
    (reader) =>
      linearOperators.some((operator) => isOf(reader, operator)) && reader.inputs.x === node.outputs.Y,
  );
  return readers.length > 0 && fits ? readers : undefined;
}

/**
 * Folds a norm's gain into the columns of the weights behind it. Only for weights that are dense and that nothing else
 * reads (a tied embedding would be stored twice); otherwise the gain stays where it is.
 */
export function foldNormGain(formatOf: (weight: string) => WeightFormat | undefined): Rule {
  return {
    name: 'fold-norm-gain',
    apply(node, context) {
      const gain = node.inputs.scale;
      const readers = linearReaders(node, context);
      if (!gain || !readers) return undefined;
      const foldable = (reader: Node): boolean => {
        const weight = reader.inputs.weight!;
        const format = formatOf(weight);
        const dense = format === undefined || denseDType(format) !== undefined;
        return dense && context.consumers.get(weight)!.size === 1;
      };
      if (!readers.every(foldable) || !context.weights[gain]) return undefined;
      const weights: Record<string, NonNullable<Edit['weights']>[string]> = {};
      const folded = readers.map((reader): Node => {
        const weight = reader.inputs.weight!;
        const name = `${weight}.folded`;
        weights[name] = {
          expression: {
            kind: 'scale-columns',
            by: context.weights[gain]!,
            of: context.weights[weight]!,
          },
          shape: context.values[weight]!.shape as number[],
        };
        return { ...reader, inputs: { ...reader.inputs, weight: name } };
      });
      const { scale: _gain, ...inputs } = node.inputs;
      return {
        remove: [node, ...readers],
        add: [{ ...node, inputs }, ...folded],
        weights,
      };
    },
  };
}

/**
 * A norm in front of linear layers vanishes into them: the sum of squares rides along their K loop, 1/rms is a factor
 * of the row, and a gain that could not be folded multiplies the row as it is read.
 */
export const fuseNorm: Rule = {
  name: 'fuse-norm',
  apply(node, context) {
    const readers = linearReaders(node, context);
    if (!readers || readers.some((reader) => typeof reader.attributes.normEpsilon === 'number'))
      return undefined;
    const { epsilon } = completeNode(node).attributes;
    const fused = readers.map((reader): Node => ({
      ...reader,
      inputs: {
        ...reader.inputs,
        x: node.inputs.X!,
        ...(node.inputs.scale && { gain: node.inputs.scale }),
      },
      attributes: { ...reader.attributes, normEpsilon: epsilon! },
    }));
    return { remove: [node, ...readers], add: fused };
  },
};
