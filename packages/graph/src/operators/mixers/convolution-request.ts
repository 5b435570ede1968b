// What short causal convolutions with a state have in common, whichever of their axes is the last.
import { times } from '@tilewright/kernels';
import { causalConv } from '@tilewright/kernels/causal-conv';
import type { InferContext, KernelRequest, LoweringContext, Node } from '../../ir.ts';
import { printShape } from '../../extent/index.ts';
import { dimensionOf, dtypesOf } from '../requests.ts';
import { badNode, elementType, floats, inferredContext, numbersOf, rank } from '../shapes.ts';
import { packedAs } from './packed-heads.ts';
import { withSequences } from './packed-sequences.ts';
import { stateBindings, type StateRoles, statesOf } from './states.ts';

/** Names of a convolution's inputs and results, and the axis of its tokens. */
export interface ConvolutionRoles {
  readonly input: string;
  readonly output: string;
  readonly state: StateRoles;
  readonly tokens: 1 | 2;
}

export const activation = {
  type: 'string',
  default: 'none',
  choices: ['none', 'silu', 'swish'],
} as const;

/** Throws `bad-graph` for a filter that is not `[channels, 1, taps]`, and for inputs that do not fit it. */
export function convolutionSizes(
  context: InferContext<unknown>,
  { input: role, tokens: axis }: ConvolutionRoles,
): { readonly channels: number; readonly taps: number } {
  const { subject, inputs } = context;
  const input = inputs[role]!;
  elementType(subject, role, input, floats);
  rank(subject, role, input, 3);
  const { shape } = inputs.weight!;
  if (shape.length !== 3 || shape[1] !== 1)
    throw badNode(subject, `'weight' has shape ${printShape(shape)}`, 'it must be [channels, 1, taps]');
  const [channels, , taps] = numbersOf(subject, 'weight', shape) as [number, number, number];
  if (taps < 2) throw badNode(subject, `'weight' has ${taps} tap`, 'a filter has at least 2');
  packedAs(context, role, input.shape.with(3 - axis, channels));
  packedAs(context, 'bias', [channels]);
  return { channels, taps };
}

export function convolutionRequest(
  node: Node<{ readonly activation: string }>,
  context: LoweringContext,
  roles: ConvolutionRoles,
): KernelRequest {
  const { weight, bias } = node.inputs;
  const x = node.inputs[roles.input]!;
  const { channels, taps } = convolutionSizes(inferredContext(node, context), roles);
  const [batch, tokens] = [dimensionOf(context, x, 0), dimensionOf(context, x, roles.tokens)];
  const states = statesOf(node, context, roles.state);
  const bindings = {
    x,
    weight: weight!,
    ...(bias && { bias }),
    y: node.outputs[roles.output]!,
    ...stateBindings(node, states, roles.state, { initial: 'initial', final: 'final' }),
  };
  return withSequences(node, context, {
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
      options: {
        order: roles.tokens === 1 ? 'channels last' : 'channels first',
        bias: bias !== undefined,
        silu: node.attributes.activation !== 'none',
        states,
      },
    },
    bindings,
    sizes: { batch, tokens },
    flops: times(times(batch, tokens), 2 * channels * taps),
  });
}
