import { times } from '@tilewright/kernels';
import { gatedScan as gatedScanKernel } from '@tilewright/kernels/gated-scan';
import type { Operator } from '../../ir.ts';
import { printShape } from '../../extent/index.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { badNode, elementType, floats, rank, sameShape } from '../shapes.ts';
import { stateBindings, statesOf, stateType } from './states.ts';

const roles = { initial: 'initial', final: 'final' };

/**
 * A first-order recurrence of every channel, `h_t = a_t ⊙ h_{t−1} + b_t`: `a`, `b` and `h` `[batch, tokens, channels]` in f32 or f16,
 * `initial` and `final` `[batch, channels]` in f32; `reverse` 1 runs from the last token to the first. Channels are a number. Exponential
 * smoothing, QRNN's pooling (Bradbury et al. 2016, arXiv 1611.01576), SRU, minGRU, RG-LRU.
 */
export const gatedScan: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'GatedScan',
  // h_t = a_t ⊙ h_(t−1) + b_t along the tokens
  inputs: [
    { name: 'a', kind: 'required' },
    { name: 'b', kind: 'required' },
    { name: 'initial', kind: 'optional' },
  ],
  attributes: { reverse: { type: 'integer', default: 0, choices: [0, 1] } },
  successors: { final: 'initial' },
  infer: (context) => {
    const { subject, inputs } = context;
    const [a, b] = [inputs.a!, inputs.b!];
    rank(subject, 'a', a, 3);
    elementType(subject, 'a', a, floats);
    elementType(subject, 'b', b, floats);
    if (!sameShape(context, b.shape, a.shape))
      throw badNode(
        subject,
        `'b' has shape ${printShape(b.shape)}`,
        `it must be ${printShape(a.shape)}, that of 'a'`,
      );
    return { h: b, final: stateType(context, 'initial', [a.shape[0]!, a.shape[2]!]) };
  },
  lower: (node, context) => {
    const { a, b } = node.inputs;
    const [batch, tokens] = [dimensionOf(context, a!, 0), dimensionOf(context, a!, 1)];
    const channels = staticSize(context, a!, 2);
    const states = statesOf(node, context, roles);
    const bindings = { a: a!, b: b!, h: node.outputs.h!, ...stateBindings(node, states, roles) };
    return {
      kernels: [gatedScanKernel],
      problem: {
        axes: { batch: context.planned(batch), tokens: context.planned(tokens), channels },
        dtypes: dtypesOf(context, bindings),
        options: { states, reverse: node.attributes.reverse === 1 },
      },
      bindings,
      sizes: { batch, tokens },
      flops: times(times(batch, tokens), 2 * channels),
    };
  },
});
