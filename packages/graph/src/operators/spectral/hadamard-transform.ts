import { times } from '@tilewright/kernels';
import { hadamard, hadamardBase } from '@tilewright/kernels/hadamard';
import { productOf } from '../../extent/index.ts';
import type { InferContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext } from '../shapes.ts';
import { axisSize, isEmpty, linesAlong } from './axis-lines.ts';

/**
 * The Walsh-Hadamard transform of blocks along an axis, `y = H x` of each: `x` and `y` of any rank in f32 or f16. `block` divides the axis, 0 is all
 * of it; it is 1, 12 or 20 times a power of two, H of 12 or 20 being that of Paley. `norm` `ortho` (default) divides by √block,
 * which makes H orthogonal; `backward` does not. `inverse` 1: the inverse of that.
 * Of no elements it gives none.
 */
export const hadamardTransform: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'HadamardTransform',
  inputs: [{ name: 'x', kind: 'required' }],
  attributes: {
    axis: { type: 'integer', default: -1 },
    block: { type: 'integer', default: 0 },
    norm: { type: 'string', default: 'ortho', choices: ['ortho', 'backward'] },
    inverse: { type: 'integer', default: 0, choices: [0, 1] },
  },
  infer: (context) => {
    elementType(context.subject, 'x', context.inputs.x!, floats);
    blockOf(context);
    return { y: context.inputs.x! };
  },
  lower: (node, context) => {
    if (isEmpty(context, node.outputs.y!)) return undefined;
    const { norm, inverse } = node.attributes;
    const { axis, size, block } = blockOf(inferredContext(node, context));
    const lines = linesAlong(context, context.values[node.inputs.x!]!.shape, axis);
    const outer = productOf(context.extents, lines.outer, size / block);
    const bindings = { x: node.inputs.x!, y: node.outputs.y! };
    return {
      kernels: [hadamard],
      problem: {
        axes: { outer: context.planned(outer), size: block, inner: context.planned(lines.inner) },
        dtypes: dtypesOf(context, bindings),
        scalars: { scale: norm === 'ortho' ? 1 / Math.sqrt(block) : inverse === 1 ? 1 / block : 1 },
        options: { inverse: inverse === 1 },
      },
      bindings,
      sizes: { outer, inner: lines.inner },
      flops: times(times(outer, lines.inner), Math.ceil(block * Math.log2(block))),
    };
  },
});

function blockOf(context: InferContext<{ readonly axis: number; readonly block: number }>): {
  readonly axis: number;
  readonly size: number;
  readonly block: number;
} {
  const { subject, attributes } = context;
  const [axis, size] = axisSize(context, 'x', attributes.axis);
  const block = attributes.block || size || 1;
  if (block < 0 || size % block !== 0)
    throw badNode(subject, `an axis of ${size} has blocks of ${block}`, 'blocks divide the axis');
  if (hadamardBase(block) === undefined)
    throw badNode(subject, `its blocks have ${block} elements`, 'they have 1, 12 or 20 times a power of two');
  return { axis, size, block };
}
