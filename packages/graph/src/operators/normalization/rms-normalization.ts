import { times } from '@tilewright/kernels';
import { columnGain, rmsObserve } from '@tilewright/kernels/fillings';
import { rmsNorm } from '@tilewright/kernels/rms-norm';
import { printShape } from '../../extent/index.ts';
import type { Operator, ValueType } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { mul } from '../pointwise/mul.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';
import { axisOf, badNode, elementType, floats, sameShape } from '../shapes.ts';
import { normAttributes, normRequest, normTypes, spreadGains } from './norm.ts';

/**
 * Y = X / sqrt(mean(X²) + epsilon) · scale, over the axes from `axis` on.
 *
 * ONNX `RMSNormalization` (opset 23); without `scale` the gain is one.
 */
export const rmsNormalization: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'RMSNormalization',
  inputs: [
    { name: 'X', kind: 'required' },
    { name: 'scale', kind: 'optional' },
  ],
  columnScale: ['scale'],
  attributes: normAttributes,
  absorption: {
    direction: 'load',
    through: ['Y'],
    sees: () => 'row',
    load: (node, { values }) => {
      const { shape } = values[node.inputs.X!]!;
      const { axis, epsilon } = node.attributes;
      const scale = node.inputs.scale;
      const columns = Number(shape.at(-1));
      if (
        axisOf(node.name, axis, shape.length) !== shape.length - 1 ||
        !(scale === undefined || isVector(values[scale]!, columns))
      )
        throw badNode(node.name, 'it is not of rows', 'a product takes in those');
      return inFrontOfProduct(epsilon, columns, scale);
    },
  },
  infer: (context) => ({ Y: normTypes(context, ['scale']).x }),
  lower: (node, context) => normRequest(node, context, rmsNorm, { gain: 'scale' }),
  expand: (node, context) => spreadGains(node, context, [{ role: 'scale', operator: mul }]),
});

/**
 * The same operator over the last axis, with a gain for each of its columns or none: all that a language model asks for, without what
 * norms over several axes and gains of other shapes need.
 */
export const rmsNormalizationOfRows: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'RMSNormalization',
  inputs: [
    { name: 'X', kind: 'required' },
    { name: 'scale', kind: 'optional' },
  ],
  columnScale: ['scale'],
  attributes: {
    axis: { type: 'integer', default: -1, choices: [-1] },
    epsilon: { type: 'number', default: 1e-5, least: 0 },
    stash_type: { type: 'integer', default: 1, choices: [1] },
  },
  absorption: {
    direction: 'load',
    through: ['Y'],
    sees: () => 'row',
    load: ({ attributes, inputs }, { values }) =>
      inFrontOfProduct(attributes.epsilon, Number(values[inputs.X!]!.shape.at(-1)), inputs.scale),
  },
  infer: (context) => {
    const { subject, inputs } = context;
    const { X, scale } = inputs as Record<'X' | 'scale', ValueType>;
    elementType(subject, 'X', X, floats);
    if (scale && !sameShape(context, scale.shape, X.shape.slice(-1)))
      throw badNode(
        subject,
        `'scale' has shape ${printShape(scale.shape)}`,
        `it must be ${printShape(X.shape.slice(-1))}, a number for each column`,
      );
    return { Y: X };
  },
  lower: (node, context) => {
    const { X, scale } = node.inputs as Record<'X' | 'scale', string>;
    const rows = rowsOf(context, X);
    const hidden = staticSize(context, X, -1);
    const bindings = { x: X, ...(scale && { weight: scale }), y: node.outputs.Y! };
    return {
      kernels: [rmsNorm],
      problem: {
        axes: { rows: context.planned(rows), hidden },
        dtypes: dtypesOf(context, bindings),
        scalars: { eps: node.attributes.epsilon },
        options: { gain: scale !== undefined },
      },
      bindings,
      sizes: { rows },
      flops: times(rows, 7 * hidden),
    };
  },
});

/** The sum of squares rides along the product's loop; a gain multiplies the row as it is read. */
const inFrontOfProduct = (epsilon: number, columns: number, gain: string | undefined) => ({
  slots: {
    observe_a: rmsObserve(epsilon, columns),
    ...(gain !== undefined && { load_a: columnGain({ columns }) }),
  },
  bindings: gain === undefined ? {} : { 'load_a.gain': gain },
});

const isVector = ({ shape }: ValueType, size: number): boolean => shape.length === 1 && shape[0] === size;
