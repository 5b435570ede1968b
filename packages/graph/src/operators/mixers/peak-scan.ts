import { peakScan as peakScanKernel } from '@tilewright/kernels/peak-scan';
import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { elementType, floats, rank } from '../shapes.ts';
import { packedAs } from './packed-heads.ts';
import { expandSequences, sequencesRole, stateRows } from './packed-sequences.ts';
import { scanRequest } from './scan-request.ts';
import { stateType } from './states.ts';

/**
 * What exponential gates are relative to: `m_t = max(logsigmoid(f_t) + m_{t−1}, i_t)`; `before` is the m before each token. `f`, `i` and
 * `before` are `[batch, tokens, channels]`, `initial` and `final` `[batch, channels]` in f32; without `initial` m begins at 0.
 */
export const peakScan: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'PeakScan',
  // before_t = m_(t−1) of m_t = max(logsigmoid(f_t) + m_(t−1), i_t)
  inputs: [
    { name: 'f', kind: 'required' },
    { name: 'i', kind: 'required' },
    { name: 'initial', kind: 'optional' },
    sequencesRole,
  ],
  attributes: { reverse: { type: 'integer', default: 0, choices: [0, 1] } },
  successors: { final: 'initial' },
  infer: (context) => {
    const { f } = context.inputs;
    rank(context.subject, 'f', f!, 3);
    elementType(context.subject, 'f', f!, floats);
    packedAs(context, 'i', f!.shape);
    return {
      before: { dtype: 'f32', shape: f!.shape },
      final: stateType(context, 'initial', [stateRows(context, f!.shape[0]!), f!.shape[2]!]),
    };
  },
  expand: (node, context) => expandSequences(node, context, context.values[node.inputs.f!]!.shape[1]!),
  lower: (node, context) => {
    const { f, i } = node.inputs;
    return scanRequest(node, context, {
      kernel: peakScanKernel,
      value: f!,
      bindings: { forget: f!, input: i!, before: node.outputs.before! },
      flops: 16,
    });
  },
});
