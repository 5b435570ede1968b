import { columnGain, rmsObserve } from '@tilewright/kernels/fillings';
import { rmsNorm } from '@tilewright/kernels/rms-norm';
import type { Operator, ValueType } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { mul } from '../pointwise/mul.ts';
import { axisOf, badNode } from '../shapes.ts';
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
      // The sum of squares rides along the product's loop; a gain multiplies the row as it is read.
      return {
        slots: {
          observe_a: rmsObserve(epsilon, columns),
          ...(scale && { load_a: columnGain({ columns }) }),
        },
        bindings: scale ? { 'load_a.gain': scale } : {},
      };
    },
  },
  infer: (context) => ({ Y: normTypes(context, ['scale']).x }),
  lower: (node, context) => normRequest(node, context, rmsNorm, { gain: 'scale' }),
  expand: (node, context) => spreadGains(node, context, [{ role: 'scale', operator: mul }]),
});

const isVector = ({ shape }: ValueType, size: number): boolean => shape.length === 1 && shape[0] === size;
