import { times } from '@tilewright/kernels';
import { groupRmsNorm } from '@tilewright/kernels/group-rms-norm';
import type { Operator } from '../../ir.ts';
import { regionEpilogue } from '../../lowering/region-epilogue.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf, rowsOf, staticSize } from '../requests.ts';
import { badNode, elementType, floats, sameSize } from '../shapes.ts';

/**
 * Y = X / sqrt(mean(X²) + epsilon) · scale, over each of `groups` parts of the last axis by itself.
 *
 * x `[..., groups · length]`, scale `[length]`, without which the gain is one. Heads of queries and keys are such parts (Henry et al. 2020,
 * arXiv 2010.04245); what turns them and what keeps them in a cache moves in.
 */
export const groupRmsNormalization: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'GroupRmsNormalization',
  inputs: [
    { name: 'X', kind: 'required' },
    { name: 'scale', kind: 'optional' },
  ],
  attributes: { groups: { type: 'integer' }, epsilon: { type: 'number', default: 1e-5, least: 0 } },
  groupwise: { input: 'X', vectors: ['scale'], groups: 'groups' },
  slots: { epilogue: { direction: 'epilogue', role: 'Y', hands: 'quad' } },
  infer: (context) => {
    const { subject, inputs, attributes } = context;
    const { X, scale } = inputs;
    const columns = Number(X!.shape.at(-1));
    elementType(subject, 'X', X!, floats);
    if (!(attributes.groups > 0 && columns % attributes.groups === 0))
      throw badNode(
        subject,
        `${attributes.groups} groups are to be of ${X!.shape.length > 0 ? columns : 'no'} columns`,
        'groups are of equal length',
      );
    if (scale) {
      elementType(subject, 'scale', scale, floats);
      const [length, ...more] = scale.shape;
      sameSize(
        context,
        "the size of 'scale'",
        more.length > 0 ? undefined : length,
        columns / attributes.groups,
      );
    }
    return { Y: X! };
  },
  lower: (node, context) => {
    const { X, scale } = node.inputs;
    const { groups, epsilon } = node.attributes;
    const [rows, columns] = [rowsOf(context, X!), staticSize(context, X!, -1)];
    const { filling, columnsOf: _columns, ...output } = regionEpilogue(node, { role: 'Y', columns }, context);
    const bindings = { x: X!, ...(scale && { weight: scale }), ...output.bindings };
    return {
      kernels: [groupRmsNorm],
      problem: {
        axes: { batch: 1, m: context.planned(rows), groups, length: columns / groups, columns },
        dtypes: dtypesOf(context, bindings),
        scalars: { eps: epsilon },
        options: { gain: scale !== undefined },
        slots: { ...(filling && { epilogue: filling }) },
      },
      bindings,
      sizes: { batch: 1, m: rows },
      addressedBytes: output.addressedBytes,
      flops: times(rows, 4 * columns),
    };
  },
});
