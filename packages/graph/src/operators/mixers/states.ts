// What mixers have in common: a state before the first token that may be absent, and one after the last that nobody may want.
import type { ElementType, LoweringContext, Node, ValueType } from '../../ir.ts';
import { isRead } from '../../graph-index.ts';
import { type Deciding, badNode, elementType, sameShape } from '../shapes.ts';
import { type Extent } from '@tilewright/kernels';
import { printShape } from '../../extent/index.ts';

/** The option `states` of a kernel. */
export type StatesOption = 'none' | 'initial' | 'final' | 'both' | 'in place';

/** Roles of a state before and after a node's tokens. */
export interface StateRoles {
  readonly initial: string;
  readonly final: string;
}

/** The type of a state of some shape. Throws `bad-graph` where the one before has another, and `bad-dtype`. */
export function stateType(
  context: Deciding & { readonly inputs: Readonly<Record<string, ValueType>> },
  role: string,
  shape: readonly Extent[],
  dtype: ElementType = 'f32',
): ValueType {
  const before = context.inputs[role];
  if (before) {
    elementType(context.subject, role, before, [dtype]);
    if (!sameShape(context, before.shape, shape))
      throw badNode(
        context.subject,
        `'${role}' has shape ${printShape(before.shape)}`,
        `it must be ${printShape(shape)}`,
      );
  }
  return { dtype, shape };
}

/** Which states of a node a kernel binds. */
export function statesOf(
  { inputs, outputs }: Pick<Node, 'inputs' | 'outputs'>,
  context: LoweringContext,
  { initial, final }: StateRoles,
): StatesOption {
  const after = outputs[final];
  if (after && context.aliases.has(after)) return 'in place';
  const isWritten = isRead(context, after);
  if (inputs[initial]) return isWritten ? 'both' : 'initial';
  return isWritten ? 'final' : 'none';
}

/** The values of a node's states by the names that a kernel has for them; `undefined` for one that it does not bind. */
export function stateBindings(
  { inputs, outputs }: Pick<Node, 'inputs' | 'outputs'>,
  states: StatesOption,
  { initial, final }: StateRoles,
  names: StateRoles = { initial, final },
): Record<string, string> {
  const reads = states === 'initial' || states === 'both';
  const writes = states !== 'none' && states !== 'initial';
  return {
    ...(reads && { [names.initial]: inputs[initial]! }),
    ...(writes && { [names.final]: outputs[final]! }),
  };
}
