import { gatedScan as gatedScanKernel } from '@tilewright/kernels/gated-scan';
import type { Operator } from '../../ir.ts';
import { printShape } from '../../extent/index.ts';
import { defineOperator } from '../operator.ts';
import { badNode, elementType, floats, rank, sameShape } from '../shapes.ts';
import { expandSequences, sequencesRole, stateRows } from './packed-sequences.ts';
import { scanRequest } from './scan-request.ts';
import { stateType } from './states.ts';

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
    sequencesRole,
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
    return { h: b, final: stateType(context, 'initial', [stateRows(context, a.shape[0]!), a.shape[2]!]) };
  },
  expand: (node, context) => expandSequences(node, context, context.values[node.inputs.a!]!.shape[1]!),
  lower: (node, context) => {
    const { a, b } = node.inputs;
    return scanRequest(node, context, {
      kernel: gatedScanKernel,
      value: a!,
      bindings: { a: a!, b: b!, h: node.outputs.h! },
      flops: 2,
    });
  },
});
