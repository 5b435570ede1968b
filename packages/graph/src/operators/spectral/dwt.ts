import { times } from '@tilewright/kernels';
import { dwt as dwtKernel } from '@tilewright/kernels/dwt';
import { extentAlgebra } from '../../extent/index.ts';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, rowsOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext } from '../shapes.ts';
import { isEmpty } from './axis-lines.ts';
import { filterValues, tapsOf, waveletAttributes } from './wavelet-roles.ts';

/**
 * One level of a discrete wavelet transform of the last axis, periodised: `low_o = Σ_j lowpass_j x[(2o + F/2 − j) mod n]`, and `high` with the other
 * filter; of an odd length the last value counts twice. `x` `[..., n]` of any rank in f32 or f16, `low` and `high` `[..., ⌈n/2⌉]`. `wavelet` is
 * `haar` or `db2` to `db8`; or `lowpass` and `highpass` are analysis filters `[F]`, F even, which may be learned.
 */
export const dwt: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Dwt',
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'lowpass', kind: 'optional' },
    { name: 'highpass', kind: 'optional' },
  ],
  attributes: waveletAttributes,
  infer: (context) => {
    const x = context.inputs.x!;
    elementType(context.subject, 'x', x, floats);
    tapsOf(context);
    if (x.shape.length === 0) throw badNode(context.subject, "'x' has no axis", 'it has one or more');
    const half = extentAlgebra(context.extents.symbols).ceilQuotient(x.shape.at(-1)!, 2);
    const type = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), half] };
    return { low: type, high: type };
  },
  lower: (node, context) => {
    const { low, high } = node.outputs;
    const x = node.inputs.x!;
    if (isEmpty(context, x)) return undefined;
    const taps = tapsOf(inferredContext(node, context));
    const [rows, length, half] = [
      rowsOf(context, x),
      dimensionOf(context, x, -1),
      dimensionOf(context, low!, -1),
    ];
    const bindings = { x, ...filterValues(node, context, 'analysis'), low: low!, high: high! };
    return {
      kernels: [dwtKernel],
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
      flops: times(times(rows, half), 4 * taps),
    };
  },
});
