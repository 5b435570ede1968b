import { checkKinds, isOf } from '@tilewright/graph';
import { addToRows } from '@tilewright/graph/operators/add';
import { appendCache } from '@tilewright/graph/operators/append-cache';
import { cachedAttention } from '@tilewright/graph/operators/cached-attention';
import { groupRmsNormalization } from '@tilewright/graph/operators/group-rms-normalization';
import { rotaryEmbeddingOfTokens } from '@tilewright/graph/operators/rotary-embedding';
import { TilewrightError } from '@tilewright/kernels';
import type { StateDict } from '@tilewright/kernels/weights';
import type { CompressibleModel } from './calibration.ts';
import { checkCompressionKinds } from './check-kinds.ts';
import { turnTogether, type TurningOperator } from './turning.ts';

/** An attention to a cache, whose heads can go. All weights by published name. */
export interface AttentionSite {
  readonly heads: number;
  readonly keyHeads: number;
  /** Of a head. */
  readonly size: number;
  /** The weight that reads what heads found. */
  readonly reader: string;
  /** The weights that make queries, keys and values, and their biases: rows for each key head. */
  readonly makers: ReadonlyMap<string, number>;
}

/** What treats heads apart from each other. */
const byHead: readonly TurningOperator[] = [
  { operator: addToRows, inputs: ['A', 'B'], output: 'C' },
  { operator: rotaryEmbeddingOfTokens, inputs: ['X'], output: 'Y' },
  { operator: groupRmsNormalization, inputs: ['X'], output: 'Y' },
  { operator: appendCache, inputs: ['K', 'V'], output: 'present' },
  { operator: cachedAttention, inputs: ['Q', 'cache'], output: 'Y' },
];

/** Every attention of a model. Throws `bad-argument` where there are none, and where something in between mixes heads, naming it. */
export function attentionSites(
  model: CompressibleModel,
  weights: StateDict,
): readonly [AttentionSite, ...AttentionSite[]] {
  const subject = 'drop heads';
  checkCompressionKinds(subject, { model });
  checkKinds(subject, { weights });
  const { graph } = model;
  const refuse = (problem: string, requirement: string): never => {
    throw new TilewrightError('bad-argument', { subject, problem, requirement, fix: 'leave this step out' });
  };
  const [first, ...others] = graph.nodes
    .filter((node) => isOf(node, cachedAttention))
    .map(({ name, inputs, outputs, attributes }): AttentionSite => {
      if (inputs.bias !== undefined || inputs.mask !== undefined)
        refuse(`'${name}' has a bias or a mask of scores`, 'they may tell heads apart');
      const heads = Number(attributes.q_num_heads);
      const size = Number(graph.values[outputs.Y!]!.shape.at(-1)) / heads;
      const keyHeads = Number(graph.values[inputs.cache!]!.shape[1]);
      if (Number(graph.values[inputs.Q!]!.shape.at(-1)) !== heads * size)
        refuse(`'${name}' has keys and values of other sizes`, 'config.json has one number for both');
      const { columns, rows } = turnTogether(subject, graph, [outputs.Y!], size, byHead);
      const isMatrix = (weight: string): boolean => weights.get(weight)!.shape.length === 2;
      const readers = columns.filter(isMatrix);
      if (readers.length !== 1)
        refuse(`'${name}' is read by ${readers.join(' and ')}`, 'one weight reads it');
      const makers = [...rows, ...columns.filter((weight) => !isMatrix(weight))];
      return {
        heads,
        keyHeads,
        size,
        reader: readers[0]!,
        makers: new Map(makers.map((weight) => [weight, weights.get(weight)!.shape[0]! / keyHeads])),
      };
    });
  if (first === undefined) return refuse('the model has no attention to a cache', 'its heads are dropped');
  return [first, ...others];
}
