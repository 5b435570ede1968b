import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import {
  activation,
  convolutionRequest,
  type ConvolutionRoles,
  convolutionSizes,
} from './convolution-request.ts';
import { expandSequences, sequencesRole, stateRows } from './packed-sequences.ts';
import { stateType } from './states.ts';

const roles: ConvolutionRoles = {
  input: 'x',
  output: 'y',
  state: { initial: 'initial', final: 'final' },
  tokens: 1,
};

/**
 * {@link causalConvWithState} of rows of tokens, as products make them: `x` and `y` `[batch, tokens, channels]` in f32 or f16, `weight`
 * `[channels, 1, taps]`, `bias` `[channels]`, states `[batch, channels, taps − 1]` in f32, the newest input last.
 */
export const shortConvolution: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'ShortConvolution',
  // y_t = activation(bias + Σ_j weight_j x_(t − taps + 1 + j)), per channel
  inputs: [
    { name: 'x', kind: 'required' },
    { name: 'weight', kind: 'required' },
    { name: 'bias', kind: 'optional' },
    { name: 'initial', kind: 'optional' },
    sequencesRole,
  ],
  attributes: { activation },
  successors: { final: 'initial' },
  infer: (context) => {
    const { x } = context.inputs;
    const { channels, taps } = convolutionSizes(context, roles);
    return {
      y: x!,
      final: stateType(context, 'initial', [stateRows(context, x!.shape[0]!), channels, taps - 1]),
    };
  },
  expand: (node, context) => expandSequences(node, context, context.values[node.inputs.x!]!.shape[1]!),
  lower: (node, context) => convolutionRequest(node, context, roles),
});
