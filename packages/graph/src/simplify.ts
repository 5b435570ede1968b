import type { WeightFormat } from '@tilewright/kernels';
import type { Graph } from './ir.ts';
import { rewrite } from './rewrite.ts';
import { absorbBehind, absorbInFront } from './absorb/absorb.ts';
import { fuseElementwise } from './rules/fuse-elementwise.ts';
import { mergeGateUp } from './rules/merge-gate-up.ts';
import { mergeQueryKeyValue } from './rules/merge-query-key-value.ts';
import { dropNeutralGain } from './rules/norm.ts';
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

/** Fusion: joins elementwise chains, and lets nodes absorb their neighbours. Leaves the weights as they are. */
export function fuse(graph: Graph): Graph {
  return rewrite(rewrite(graph, [fuseElementwise]), [absorbBehind, absorbInFront]);
}
