import { times } from '@tilewright/kernels';
import { causalConv } from '@tilewright/kernels/causal-conv';
import type { InferContext, Operator } from '../../ir.ts';
import { printShape } from '../../extent/index.ts';
import { defineOperator } from '../operator.ts';
import { dimensionOf, dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext, numbersOf, rank } from '../shapes.ts';
import { packedAs } from './packed-heads.ts';
import { stateBindings, statesOf, stateType } from './states.ts';

const roles = { initial: 'past_state', final: 'present_state' };

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
  ],
  attributes: { activation: { type: 'string', default: 'none', choices: ['none', 'silu', 'swish'] } },
  successors: { present_state: 'past_state' },
  infer: (context) => {
    const { input } = context.inputs;
    const { channels, taps } = sizesOf(context);
    const shape = [input!.shape[0]!, channels, taps - 1];
    return { output: input!, present_state: stateType(context, 'past_state', shape, input!.dtype) };
  },
  lower: (node, context) => {
    const { input, weight, bias } = node.inputs;
    const { channels, taps } = sizesOf(inferredContext(node, context));
    const [batch, tokens] = [dimensionOf(context, input!, 0), dimensionOf(context, input!, 2)];
    const states = statesOf(node, context, roles);
    const bindings = {
      x: input!,
      weight: weight!,
      ...(bias && { bias }),
      y: node.outputs.output!,
      ...stateBindings(node, states, roles, { initial: 'initial', final: 'final' }),
    };
    return {
      kernels: [causalConv],
      problem: {
        axes: {
          batch: context.planned(batch),
          tokens: context.planned(tokens),
          channels,
          taps,
          past: taps - 1,
        },
        dtypes: dtypesOf(context, bindings),
        options: { bias: bias !== undefined, silu: node.attributes.activation !== 'none', states },
      },
      bindings,
      sizes: { batch, tokens },
      flops: times(times(batch, tokens), 2 * channels * taps),
    };
  },
});

function sizesOf(context: InferContext<unknown>): { readonly channels: number; readonly taps: number } {
  const { subject, inputs } = context;
  elementType(subject, 'input', inputs.input!, floats);
  rank(subject, 'input', inputs.input!, 3);
  const { shape } = inputs.weight!;
  if (shape.length !== 3 || shape[1] !== 1)
    throw badNode(subject, `'weight' has shape ${printShape(shape)}`, 'it must be [channels, 1, taps]');
  const [channels, , taps] = numbersOf(subject, 'weight', shape) as [number, number, number];
  if (taps < 2) throw badNode(subject, `'weight' has ${taps} tap`, 'a filter has at least 2');
  packedAs(context, 'input', [inputs.input!.shape[0]!, channels, inputs.input!.shape[2]!]);
  packedAs(context, 'bias', [channels]);
  return { channels, taps };
}
