import { productOf, quotientOf } from '../../extent/index.ts';
import type { InferContext, Operator } from '../../ir.ts';
import { reshaped } from '../../views/order.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { badNode, rank } from '../shapes.ts';
import { orderOf } from './as-shape.ts';

/**
 * ONNX `DepthToSpace` (opset 13): channels to blocks of pixels; which of a pixel's channels are the places of its block, mode DCR says
 * (the outermost part of the channels), or CRD (the innermost).
 */
export const depthToSpace: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'DepthToSpace',
  // output[n, c, h · b + i, w · b + j] = input[n, (i · b + j) · channels + c, h, w]
  inputs: [{ name: 'input', kind: 'required' }],
  attributes: {
    blocksize: { type: 'integer' },
    mode: { type: 'string', default: 'DCR', choices: ['DCR', 'CRD'] },
  },
  infer: (context) => {
    const { inputs, extents } = context;
    const { blocksize } = context.attributes;
    const channels = channelsOf(context);
    const [batch, , height, width] = inputs.input!.shape;
    const shape = [
      batch!,
      channels,
      productOf(extents, height!, blocksize),
      productOf(extents, width!, blocksize),
    ];
    return { output: { dtype: inputs.input!.dtype, shape } };
  },
  view: {
    place: placeViews,
    outputs: (context) => {
      const { blocksize: block, mode } = context.attributes;
      const channels = channelsOf(context);
      const [batch, , height, width] = context.inputs.input!.shape;
      const parts = mode === 'DCR' ? [block, block, channels] : [channels, block, block];
      const view = orderOf(context, 'input');
      const cut = reshaped(context.extents, view, [batch!, ...parts, height!, width!]);
      if (!cut) return undefined;
      const [n, a, b, c, h, w] = cut.axes as (typeof cut.axes)[number][] & { readonly length: 6 };
      const [i, j, rest] = mode === 'DCR' ? [a!, b!, c!] : [b!, c!, a!];
      return { output: { ...cut, axes: [n!, rest, [...h!, ...i], [...w!, ...j]] } };
    },
  },
});

/** Channels of the result. Throws `bad-graph` for those that are no blocks. */
function channelsOf({ subject, inputs, attributes, extents }: InferContext<{ readonly blocksize: number }>) {
  rank(subject, 'input', inputs.input!, 4);
  const { blocksize } = attributes;
  const channels = quotientOf(extents, inputs.input!.shape[1]!, blocksize * blocksize);
  if (channels !== undefined && blocksize > 0) return channels;
  throw badNode(
    subject,
    `its blocks are ${blocksize} wide`,
    'the channels must be a multiple of the pixels of a block',
  );
}
