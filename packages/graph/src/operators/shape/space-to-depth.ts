import { productOf, quotientOf } from '../../extent/index.ts';
import type { InferContext, Operator } from '../../ir.ts';
import { reshaped } from '../../views/order.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { badNode, rank } from '../shapes.ts';
import { orderOf } from './as-shape.ts';

/** ONNX `SpaceToDepth` (opset 13): blocks of pixels to channels, the places of a block outside of the channels. */
export const spaceToDepth: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'SpaceToDepth',
  // output[n, (i · b + j) · channels + c, h, w] = input[n, c, h · b + i, w · b + j]
  inputs: [{ name: 'input', kind: 'required' }],
  attributes: { blocksize: { type: 'integer' } },
  infer: (context) => {
    const { inputs, attributes, extents } = context;
    const [height, width] = blocksOf(context);
    const [batch, channels] = inputs.input!.shape;
    const depth = productOf(extents, channels!, attributes.blocksize * attributes.blocksize);
    return { output: { dtype: inputs.input!.dtype, shape: [batch!, depth, height, width] } };
  },
  view: {
    place: placeViews,
    outputs: (context) => {
      const { blocksize: block } = context.attributes;
      const [height, width] = blocksOf(context);
      const [batch, channels] = context.inputs.input!.shape;
      const view = orderOf(context, 'input');
      const cut = reshaped(context.extents, view, [batch!, channels!, height, block, width, block]);
      if (!cut) return undefined;
      const [n, c, h, i, w, j] = cut.axes;
      return { output: { ...cut, axes: [n!, [...i!, ...j!, ...c!], h!, w!] } };
    },
  },
});

/** Blocks along both axes of pixels. Throws `bad-graph` for pixels that are not whole blocks. */
function blocksOf({ subject, inputs, attributes, extents }: InferContext<{ readonly blocksize: number }>) {
  rank(subject, 'input', inputs.input!, 4);
  const { blocksize } = attributes;
  const [height, width] = inputs.input!.shape.slice(2).map((size) => quotientOf(extents, size, blocksize));
  if (height !== undefined && width !== undefined && blocksize > 0) return [height, width] as const;
  throw badNode(subject, `its blocks are ${blocksize} wide`, 'height and width must be multiples of that');
}
