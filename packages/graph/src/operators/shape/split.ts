import type { Extent } from '@tilewright/kernels';
import { foldSlice } from '../../extent/fold.ts';
import { extentAlgebra, printExtent } from '../../extent/index.ts';
import type { InferContext, Operator, View } from '../../ir.ts';
import { sliced } from '../../views/order.ts';
import { placeViews } from '../../views/place-views.ts';
import { defineOperator } from '../operator.ts';
import { axisOf, badNode, sameSize } from '../shapes.ts';
import { orderOf } from './as-shape.ts';
import { knownElements, knownOf } from './known.ts';

interface SplitAttributes {
  readonly axis: number;
  readonly num_outputs: number | null;
}

/** ONNX `Split` (opset 18): consecutive parts of an axis, of the sizes in `split`, or `num_outputs` equal ones, the last shorter. */
export const split: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'Split',
  // output_1, output_2, … = parts of input along an axis
  inputs: [
    { name: 'input', kind: 'required' },
    { name: 'split', kind: 'optional', known: true },
  ],
  attributes: { axis: { type: 'integer', default: 0 }, num_outputs: { type: 'integer', default: null } },
  infer: (context) => {
    const { dtype, shape } = context.inputs.input!;
    const { axis, parts } = partsOf(context);
    return Object.fromEntries(
      parts.map(({ size }, i) => [`output_${i + 1}`, { dtype, shape: shape.with(axis, size) }]),
    );
  },
  fold: (context) => {
    const data = knownOf(context, 'input');
    if (!data) return {};
    const { axis, parts } = partsOf(context);
    return Object.fromEntries(
      parts.map(({ start, size }, i) => {
        const [from, count] = [Number(start), Number(size)];
        return [`output_${i + 1}`, foldSlice(data, [{ axis, start: from, end: from + count, step: 1 }])];
      }),
    );
  },
  view: {
    place: placeViews,
    outputs: (context) => {
      const { axis, parts } = partsOf(context);
      const order = orderOf(context, 'input');
      const views: Record<string, View> = {};
      for (const [i, { start, size }] of parts.entries()) {
        const part = sliced(context.extents, order, { axis, start, step: 1, size });
        if (!part) return undefined;
        views[`output_${i + 1}`] = part;
      }
      return views;
    },
  },
});

/** Where each part begins and how long it is. Throws `bad-graph` for parts that are not the whole. */
function partsOf(context: InferContext<SplitAttributes>): {
  readonly axis: number;
  readonly parts: readonly { readonly start: Extent; readonly size: Extent }[];
} {
  const { subject, inputs, attributes, extents } = context;
  const { shape } = inputs.input!;
  const axis = axisOf(subject, attributes.axis, shape.length);
  const length = shape[axis]!;
  const sizes = extentAlgebra(extents.symbols);
  let start: Extent = 0;
  const next = (size: Extent): { readonly start: Extent; readonly size: Extent } => {
    const part = { start, size };
    start = sizes.sum(start, size);
    return part;
  };
  const elements = knownElements(context, 'split');
  const { num_outputs: count } = attributes;
  if ((elements === undefined) === (count === null))
    throw badNode(
      subject,
      elements ? `it has both 'split' and num_outputs ${count}` : "it has neither 'split' nor num_outputs",
      'one of both says how many parts there are',
    );
  if (elements) {
    const parts = elements.map(next);
    sameSize(context, "the sum of 'split'", start, length);
    return { axis, parts };
  }
  if (count! < 1 || sizes.atMost(count!, length) === 'no')
    throw badNode(subject, `num_outputs is ${count}`, `it must be from 1 to ${printExtent(length)}`);
  const each = sizes.ceilQuotient(length, count!);
  const parts = Array.from({ length: count! - 1 }, () => next(each));
  return { axis, parts: [...parts, next(sizes.difference(length, sizes.product(each, count! - 1)))] };
}
