import type { Filling } from '@tilewright/kernels';
import { prefixSum } from '@tilewright/kernels/prefix-sum';
import { productOf } from '../../extent/index.ts';
import type { InferContext, Operator } from '../../ir.ts';
import { numbers } from '../elements/element-types.ts';
import { defineOperator } from '../operator.ts';
import { movedTypes } from '../shape/moved-types.ts';
import { knownNumbers } from '../shape/known.ts';
import { axisOf, elementType, inferredContext, staticCount } from '../shapes.ts';

/** Makes an operator of ONNX's that runs along an axis. Call sites carry a pure annotation. */
export const defineRunning = ({
  name,
  combine,
}: {
  readonly name: string;
  readonly combine: Filling;
}): Operator =>
  defineOperator({
    domain: '',
    name,
    inputs: [
      { name: 'x', kind: 'required' },
      { name: 'axis', kind: 'required', known: true },
    ],
    attributes: {
      exclusive: { type: 'integer', default: 0, choices: [0, 1] },
      reverse: { type: 'integer', default: 0, choices: [0, 1] },
    },
    infer: (context) => {
      elementType(context.subject, 'x', context.inputs.x!, numbers);
      axisNamed(context);
      return { y: context.inputs.x! };
    },
    lower: (node, context) => {
      const { x, axis: named } = node.inputs as { readonly x: string; readonly axis: string };
      const { shape } = context.values[x]!;
      const { exclusive, reverse } = node.attributes;
      const axis = axisNamed({
        ...inferredContext(node, context),
        contents: { axis: context.contents[named]! },
      });
      const batch = productOf(context.extents, ...shape.slice(0, axis));
      const tokens = shape[axis]!;
      const channels = staticCount(node.name, 'x', shape.slice(axis + 1));
      const bindings = { x, y: node.outputs.y! };
      return {
        kernels: [prefixSum],
        problem: {
          axes: { batch: context.planned(batch), tokens: context.planned(tokens), channels },
          dtypes: movedTypes(node.name, bindings, context),
          options: { exclusive: exclusive === 1, reverse: reverse === 1 },
          slots: { combine },
        },
        bindings,
        sizes: { batch, tokens },
        flops: productOf(context.extents, batch, tokens, channels),
      };
    },
  });

const axisNamed = (context: InferContext<unknown>): number =>
  axisOf(context.subject, knownNumbers(context, 'axis')![0]!, context.inputs.x!.shape.length);
