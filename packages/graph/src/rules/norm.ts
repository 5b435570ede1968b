import { type GraphContext, type GraphIndex, isOf, type Node } from '../ir.ts';
import { completeNode } from '../operators/attributes.ts';
import { rmsNormalization } from '../operators/normalization/rms-normalization.ts';
import { gateUp } from '../operators/products/gate-up.ts';
import { linear } from '../operators/products/linear.ts';
import { linearRopeCache } from '../operators/products/linear-rope-cache.ts';
import type { Rule } from '../rewrite.ts';

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

/** A gain of ones changes nothing: the norm goes without. */
export function dropNeutralGain(neutral: ReadonlySet<string>): Rule {
  return {
    name: 'drop-neutral-gain',
    apply(node, { weights }) {
      const gain = isOf(node, rmsNormalization) ? node.inputs.scale : undefined;
      const expression = gain === undefined ? undefined : weights[gain];
      if (expression?.kind !== 'stored' || !neutral.has(expression.name)) return undefined;
      const { scale: _gain, ...inputs } = node.inputs;
      return { remove: [node], add: [{ ...node, inputs }] };
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
