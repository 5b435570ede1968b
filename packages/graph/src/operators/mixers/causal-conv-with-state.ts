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
  input: 'input',
  output: 'output',
  state: { initial: 'past_state', final: 'present_state' },
  tokens: 2,
};

/**
 * ONNX `CausalConvWithState` (opset 27): each channel's convolution with its last inputs. `input` and `output` are `[batch, channels,
 * tokens]` in f32 or f16, `weight` `[channels, 1, taps]`, `bias` `[channels]`, states `[batch, channels, taps − 1]`, of one type with the
 * input; `activation` is none, or silu by either of its names. A filter has at least two taps.
 */
export const causalConvWithState: Operator = /* @__PURE__ */ defineOperator({
  domain: '',
  name: 'CausalConvWithState',
  inputs: [
    { name: 'input', kind: 'required' },
    { name: 'weight', kind: 'required' },
    { name: 'bias', kind: 'optional' },
    { name: 'past_state', kind: 'optional' },
    sequencesRole,
  ],
  attributes: { activation },
  successors: { present_state: 'past_state' },
  infer: (context) => {
    const { input } = context.inputs;
    const { channels, taps } = convolutionSizes(context, roles);
    const shape = [stateRows(context, input!.shape[0]!), channels, taps - 1];
    return { output: input!, present_state: stateType(context, 'past_state', shape, input!.dtype) };
  },
  expand: (node, context) => expandSequences(node, context, context.values[node.inputs.input!]!.shape[2]!),
  lower: (node, context) => convolutionRequest(node, context, roles),
});
