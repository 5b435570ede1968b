// What operators that are linear attention ask of its kernel.
import { type Extent, times } from '@tilewright/kernels';
import { linearAttention } from '@tilewright/kernels/linear-attention';
import type { KernelRequest, LoweringContext, Node } from '../../ir.ts';
import { dimensionOf, dtypesOf } from '../requests.ts';
import { withSequences } from './packed-sequences.ts';
import { stateBindings, type StateRoles, statesOf } from './states.ts';

/** A layer of linear attention, by the names of the kernel. */
export interface LinearLayer {
  readonly bindings: Readonly<Record<string, string>>;
  readonly axes: Readonly<
    Record<'heads' | 'key_heads' | 'value_heads' | 'key_size' | 'value_size', number> & {
      beta_heads?: number;
    }
  >;
  readonly state: StateRoles;
  /** Of the sums that normalise, where something does. */
  readonly sums?: StateRoles;
  readonly options?: NonNullable<KernelRequest['problem']['options']>;
  readonly scalars?: Readonly<Record<string, number>>;
  readonly slots?: NonNullable<KernelRequest['problem']['slots']>;
}

/** The request of a layer whose bindings `q` and `k` are `[batch, tokens, …]`. */
export function linearRequest(
  node: Pick<Node, 'inputs' | 'outputs'>,
  context: LoweringContext,
  layer: LinearLayer,
): KernelRequest {
  const { axes, state, sums, options, scalars = {}, slots = {} } = layer;
  const [batch, tokens] = [0, 1].map((axis) => dimensionOf(context, layer.bindings.q!, axis)) as [
    Extent,
    Extent,
  ];
  const keys = dimensionOf(context, layer.bindings.k!, 1);
  const states = statesOf(node, context, state);
  const sumStates = sums ? statesOf(node, context, sums) : 'off';
  const bindings = {
    ...layer.bindings,
    ...stateBindings(node, states, state, { initial: 'initial', final: 'final' }),
    ...(sums &&
      sumStates !== 'off' &&
      stateBindings(node, sumStates, sums, { initial: 'initial_sums', final: 'final_sums' })),
  };
  const outputs = Math.max(axes.heads, axes.value_heads);
  const elements = axes.key_size * axes.value_size;
  return withSequences(node, context, {
    kernels: [linearAttention],
    problem: {
      axes: {
        ...axes,
        batch: context.planned(batch),
        tokens: context.planned(tokens),
        keys: context.planned(keys),
        outputs,
      },
      dtypes: dtypesOf(context, bindings),
      options: { ...options, states, sums: sumStates },
      scalars,
      slots,
    },
    bindings,
    sizes: { batch, tokens, keys },
    flops: times(batch, times(tokens, (2 * outputs + 4 * axes.value_heads) * elements)),
  });
}
