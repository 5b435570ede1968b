// What recurrent cells of ONNX ask of their inputs.
import type { Extent } from '@tilewright/kernels';
import { printShape } from '../../extent/index.ts';
import type { InferContext, ValueType } from '../../ir.ts';
import { badNode, elementType, floats, numbersOf, rank, sameSize } from '../shapes.ts';
import type { CellActivationAttributes } from './cell-activations.ts';
import { packedAs } from './packed-heads.ts';
import { stateType } from './states.ts';

export interface RecurrentAttributes extends CellActivationAttributes {
  readonly direction: string;
  readonly hidden_size: number | null;
  readonly layout: number;
}

/** Attributes of every recurrent operator of ONNX. */
export const recurrentAttributes = {
  activation_alpha: { type: 'numbers', default: null },
  activation_beta: { type: 'numbers', default: null },
  activations: { type: 'strings', default: null },
  clip: { type: 'number', default: null },
  direction: {
    type: 'string',
    default: 'forward',
    choices: ['forward', 'reverse', 'bidirectional'],
  },
  hidden_size: { type: 'integer', default: null },
  layout: { type: 'integer', default: 0, choices: [0, 1] },
} as const;

export interface RecurrentSizes {
  readonly batch: Extent;
  readonly tokens: Extent;
  readonly directions: number;
  readonly hidden: number;
}

/**
 * Sizes of a node whose role `tokens` is `[tokens, batch, width]`, or with layout 1 `[batch, tokens, width]`. Throws `bad-graph` and `bad-dtype` for inputs
 * that do not fit; each direction's matrix is a slice of R, or R has the rows of both, one below the other.
 */
export function recurrentSizes(
  context: InferContext<RecurrentAttributes>,
  gates: number,
  role: 'X' | 'G',
): RecurrentSizes {
  const { subject, inputs, attributes } = context;
  const tokensType = inputs[role]!;
  elementType(subject, role, tokensType, floats);
  rank(subject, role, tokensType, 3);
  const [first, second] = tokensType.shape as [Extent, Extent];
  const [tokens, batch] = attributes.layout === 1 ? [second, first] : [first, second];
  const directions = attributes.direction === 'bidirectional' ? 2 : 1;
  const [hidden] = numbersOf(subject, 'R', inputs.R!.shape.slice(-1)) as [number];
  matrices(context, 'R', [directions, gates * hidden, hidden]);
  const { hidden_size: told } = attributes;
  if (told !== null && told !== hidden)
    throw badNode(
      subject,
      `the attribute 'hidden_size' is ${told}`,
      `'R' has shape ${printShape(inputs.R!.shape)}, which is of ${hidden}`,
    );
  packedAs(context, 'B', [directions, 2 * gates * hidden]);
  packedAs(context, 'P', [directions, 3 * hidden]);
  const lengths = inputs.sequence_lens;
  if (lengths) {
    elementType(subject, 'sequence_lens', lengths, ['i32']);
    rank(subject, 'sequence_lens', lengths, 1);
    sameSize(context, "dimension 0 of 'sequence_lens'", lengths.shape[0], batch);
  }
  return { batch, tokens, directions, hidden };
}

/** Throws unless a value has a matrix for each direction, or the rows of them one below the other, as a stored weight has. */
export function matrices(
  context: InferContext<unknown>,
  role: string,
  [directions, rows, columns]: readonly [number, number, Extent],
): void {
  const isStacked = context.inputs[role]!.shape.length === 2;
  packedAs(context, role, isStacked ? [directions * rows, columns] : [directions, rows, columns]);
}

/** Types of the outputs; states are stored as those before, else as `dtype`. */
export function recurrentTypes(
  context: InferContext<RecurrentAttributes>,
  { batch, tokens, directions, hidden }: RecurrentSizes,
  dtype: ValueType['dtype'],
  remembers: boolean,
): Readonly<Record<string, ValueType>> {
  const isBatchFirst = context.attributes.layout === 1;
  const state = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  const after = (role: string): ValueType => {
    const before = context.inputs[role];
    if (before) elementType(context.subject, role, before, floats);
    return stateType(context, role, state, before?.dtype ?? dtype);
  };
  return {
    Y: {
      dtype,
      shape: isBatchFirst ? [batch, tokens, directions, hidden] : [tokens, directions, batch, hidden],
    },
    Y_h: after('initial_h'),
    ...(remembers && { Y_c: after('initial_c') }),
  };
}
