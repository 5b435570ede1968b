// Mixers of packed sequences: their tokens lie one after the other in one batch row, each has a state of its own.
import type { Extent } from '@tilewright/kernels';
import { isEqual, printShape } from '../../extent/index.ts';
import { isOf } from '../../graph-index.ts';
import type {
  Attribute,
  GraphContext,
  InferContext,
  KernelRequest,
  LoweringContext,
  Node,
} from '../../ir.ts';
import { sequencePlaces } from '../sequences/sequence-places.ts';
import { rowsOfSequences } from '../sequences/sequences.ts';
import { badNode, elementType, sameSize } from '../shapes.ts';

/**
 * The step input of a graph, u32 `[sequences + 1, 2]`, or what `SequencePlaces` makes of it, `starts [sequences + 1]`. With it tokens are
 * `[1, tokens, …]` and states `[sequences, …]`; a sequence without tokens keeps its state.
 */
export const sequencesRole = { name: 'sequences', kind: 'optional' } as const;

/** How many states a mixer has: one for each batch row or packed sequence. Throws `bad-graph`, `bad-dtype`. */
export function stateRows(context: InferContext<unknown>, batch: Extent): Extent {
  const { subject, inputs } = context;
  const { sequences } = inputs;
  if (!sequences) return batch;
  sameSize(context, 'the batch of packed sequences', batch, 1);
  if (sequences.shape.length > 1) return rowsOfSequences(subject, sequences);
  elementType(subject, 'sequences', sequences, ['u32']);
  const [bounds] = sequences.shape;
  if (typeof bounds === 'number' && bounds > 1) return bounds - 1;
  throw badNode(
    subject,
    `'sequences' has shape ${printShape(sequences.shape)}`,
    'starts are [sequences + 1]: where each begins, and the number of tokens at the end',
  );
}

const places = ['positions', 'lengths', 'before', 'starts', 'key_starts'];

/**
 * The node over the starts of its sequences, and in front of it the node that makes them of the step input, where no other does yet;
 * `undefined` for a node that has them or has no sequences. `tokens` is how many lie in the batch row.
 */
export function expandSequences<Attributes>(
  node: Node<Attributes>,
  { values, consumers, extents }: GraphContext,
  tokens: Extent,
): readonly Node<Attributes>[] | undefined {
  const { sequences } = node.inputs;
  if (!sequences || values[sequences]!.shape.length === 1) return undefined;
  const overStarts = (starts: string): Node<Attributes> => ({
    ...node,
    inputs: { ...node.inputs, sequences: starts },
  });
  for (const reader of consumers.get(sequences) ?? [])
    if (
      isOf(reader, sequencePlaces) &&
      reader.outputs.starts &&
      isEqual(extents, reader.attributes.tokens as Extent, tokens) === 'yes'
    )
      return [overStarts(reader.outputs.starts)];
  const name = `${node.name}.places`;
  const outputs = Object.fromEntries(places.map((role) => [role, `${name}.${role}`]));
  const maker: Node = {
    name,
    operator: sequencePlaces,
    inputs: { sequences },
    outputs,
    attributes: { tokens: tokens as Attribute, positions: 0 },
  };
  return [maker as unknown as Node<Attributes>, overStarts(outputs.starts!)];
}

/** The request of a mixer with what its kernel must know of packed sequences. */
export function withSequences(
  { inputs }: Pick<Node, 'inputs'>,
  { values }: Pick<LoweringContext, 'values'>,
  request: KernelRequest,
): KernelRequest {
  const { sequences: starts } = inputs;
  if (!starts) return request;
  const bounds = Number(values[starts]!.shape[0]);
  const axes = { sequences: bounds - 1, bounds };
  const { problem, bindings, sizes } = request;
  return {
    ...request,
    problem: {
      ...problem,
      axes: { ...problem.axes, ...axes },
      options: { ...problem.options, packed: true },
    },
    bindings: { ...bindings, starts },
    sizes: { ...sizes, ...axes },
  };
}
