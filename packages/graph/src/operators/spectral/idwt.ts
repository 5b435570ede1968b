import { times } from '@tilewright/kernels';
import { idwt as idwtKernel } from '@tilewright/kernels/idwt';
import { printShape, productOf } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, rowsOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext, sameShape } from '../shapes.ts';
import { isEmpty } from './axis-lines.ts';
import { filterValues, tapsOf, waveletAttributes } from './wavelet-roles.ts';

/**
 * The inverse of a level of a discrete wavelet transform of the last axis: `x[(2o + j − F/2 + 1) mod n] += lowpass_j low_o + highpass_j high_o`. `low`
 * and `high` `[..., n/2]` of any rank in f32 or f16, `x` `[..., n]`; of an odd length the last one is to be dropped. `wavelet` as of Dwt; `lowpass`
 * and `highpass` are synthesis filters.
 */
export const idwt: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Idwt',
  inputs: [
    { name: 'low', kind: 'required' },
    { name: 'high', kind: 'required' },
    { name: 'lowpass', kind: 'optional' },
    { name: 'highpass', kind: 'optional' },
  ],
  attributes: waveletAttributes,
  infer: (context) => {
    const { subject, inputs } = context;
    const [low, high] = [inputs.low!, inputs.high!];
    elementType(subject, 'low', low, floats);
    elementType(subject, 'high', high, floats);
    tapsOf(context);
    if (low.shape.length === 0) throw badNode(subject, "'low' has no axis", 'it has one or more');
    if (!sameShape(context, high.shape, low.shape))
      throw badNode(
        subject,
        `'high' has shape ${printShape(high.shape)}`,
        `it must be ${printShape(low.shape)}, that of 'low'`,
      );
    return {
      x: {
        dtype: low.dtype,
        shape: [...low.shape.slice(0, -1), productOf(context.extents, low.shape.at(-1)!, 2)],
      },
    };
  },
  lower: (node, context) => {
    const { low, high } = node.inputs;
    const x = node.outputs.x!;
    if (isEmpty(context, x)) return undefined;
    const taps = tapsOf(inferredContext(node, context));
    const [rows, length, half] = [
      rowsOf(context, x),
      dimensionOf(context, x, -1),
      dimensionOf(context, low!, -1),
    ];
    const bindings = { low: low!, high: high!, ...filterValues(node, context, 'synthesis'), x };
    return {
      kernels: [idwtKernel],
      problem: {
        axes: {
          rows: context.planned(rows),
          length: context.planned(length),
          half: context.planned(half),
          taps,
        },
        dtypes: dtypesOf(context, bindings),
      },
      bindings,
      sizes: { rows, length, half },
      flops: times(times(rows, length), 2 * taps),
    };
  },
});
