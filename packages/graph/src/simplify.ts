import type { WeightFormat } from '@tilewright/kernels';
import type { Graph } from './ir.ts';
import { rewrite } from './rewrite.ts';
import { fuseElementwise, fuseEpilogue } from './rules/fuse-elementwise.ts';
import { mergeGateUp } from './rules/merge-gate-up.ts';
import { mergeQueryKeyValue } from './rules/merge-query-key-value.ts';
import { dropNeutralGain, fuseNorm } from './rules/norm.ts';
import { joinableBy } from './weights/weight-expression.ts';

/** What the numbers of a state allow; by published name. */
export interface WeightFacts {
  readonly formats?: ReadonlyMap<string, WeightFormat>;
  /** Vectors that are all ones. */
  readonly neutral?: ReadonlySet<string>;
}

/**
 * Weight algebra: merges projections, drops gains of ones. Changes which weights the graph wants; {@link prepareWeights} then
 * makes those, and {@link arrange} does both.
 */
export function simplify(
  graph: Graph,
  { formats = new Map(), neutral = new Set() }: WeightFacts = {},
): Graph {
  const joinable = joinableBy(formats);
  return rewrite(graph, [mergeQueryKeyValue(joinable), mergeGateUp(joinable), dropNeutralGain(neutral)]);
}

/** Fusion: fills slots and joins elementwise chains. Leaves the weights as they are. */
export function fuse(graph: Graph): Graph {
  return rewrite(graph, [fuseElementwise, fuseEpilogue, fuseNorm]);
}
