import { checkOptions, having, type WeightFormat } from '@tilewright/kernels';
import { isOf } from '../graph-index.ts';
import { completeNode } from '../operators/attributes.ts';
import { concat } from '../operators/shape/concat.ts';
import type { Rule } from '../rewrite.ts';
import { joinableBy } from '../weights/weight-expression.ts';
import { type BiasedProduct, biasedProduct, onlyReader } from './biased-product.ts';
import { joinedWeight } from './joined-weight.ts';

/**
 * Columns of products of one input, one after the other, are one product with the rows of their weights below one another: a `Concat` of
 * them, which alone reads them, goes. `formats` are those of the stored weights, which must agree. For architectures whose parts meet so. Throws `bad-argument` for what is no such Map.
 */
export const joinProducts = (formats: ReadonlyMap<string, WeightFormat>): Rule => {
  checkOptions('joinProducts', { formats }, { formats: having('a Map of formats by name', 'get') });
  const joinable = joinableBy(formats);
  return {
    name: 'join-products',
    apply(node, context) {
      if (!isOf(node, concat)) return undefined;
      const read = Object.values(node.inputs);
      const Y = node.outputs.concat_result!;
      const axis = Number(completeNode(node).attributes.axis);
      const isLast = axis === -1 || axis === context.values[Y]!.shape.length - 1;
      if (!isLast || read.length < 2 || new Set(read).size < read.length) return undefined;
      const parts = read.flatMap((value): BiasedProduct[] => {
        const maker = context.producer.get(value);
        const part = maker && biasedProduct(maker, context);
        return part?.result === value && !part.bias && onlyReader(context, value) === node ? [part] : [];
      });
      const [first] = parts;
      const fits =
        first !== undefined &&
        parts.length === read.length &&
        parts.every(({ input }) => input === first.input) &&
        joinable(parts.map(({ weight }) => context.weights[weight]!));
      if (!fits) return undefined;
      const { view, transposed, weights } = joinedWeight(parts, context);
      const role = first.node.operator.product!.weight;
      return {
        remove: [...parts.map((part) => part.node), node],
        add: [
          view,
          {
            ...first.node,
            name: parts.map((part) => part.node.name).join(' + '),
            inputs: { ...first.node.inputs, [role]: transposed },
            outputs: { Y },
          },
        ],
        weights,
      };
    },
  };
};
