// What scans along the tokens ask of their kernels.
import { type Kernel, times } from '@tilewright/kernels';
import type { KernelRequest, LoweringContext, Node } from '../../ir.ts';
import { dimensionOf, dtypesOf, staticSize } from '../requests.ts';
import { withSequences } from './packed-sequences.ts';
import { stateBindings, statesOf } from './states.ts';

/** Roles of the states of a scan, in the operator and in the kernel. */
const roles = { initial: 'initial', final: 'final' };

/** A kernel over `value`, `[batch, tokens, channels]`, with `flops` operations for each element. */
export function scanRequest(
  node: Node<{ readonly reverse: number }>,
  context: LoweringContext,
  scan: {
    readonly kernel: Kernel;
    readonly value: string;
    readonly bindings: Readonly<Record<string, string>>;
    readonly flops: number;
  },
): KernelRequest {
  const [batch, tokens] = [dimensionOf(context, scan.value, 0), dimensionOf(context, scan.value, 1)];
  const channels = staticSize(context, scan.value, 2);
  const states = statesOf(node, context, roles);
  const bindings = { ...scan.bindings, ...stateBindings(node, states, roles) };
  return withSequences(node, context, {
    kernels: [scan.kernel],
    problem: {
      axes: { batch: context.planned(batch), tokens: context.planned(tokens), channels },
      dtypes: dtypesOf(context, bindings),
      options: { states, reverse: node.attributes.reverse === 1 },
    },
    bindings,
    sizes: { batch, tokens },
    flops: times(times(batch, tokens), scan.flops * channels),
  });
}
