import type { WeightFormat } from '@tilewright/kernels';
import type { Graph } from './ir.ts';
import { rewrite, type Rule } from './rewrite.ts';
import { absorbBehind, absorbInFront, absorbMeeting } from './absorb/absorb.ts';
import { mergeProducts } from './rules/merge-products.ts';
import { neighbouringPairs } from './rules/neighbouring-pairs.ts';
import { dropNeutralGain } from './rules/norm.ts';
import { hasRowsBy, joinableBy } from './weights/weight-expression.ts';

/** What the numbers of a state allow; by published name. */
export interface WeightFacts {
  readonly formats?: ReadonlyMap<string, WeightFormat>;
  /** Vectors that are all ones. */
  readonly neutral?: ReadonlySet<string>;
  /** Further rules, applied first: what graphs read from files need. */
  readonly rules?: readonly Rule[];
}

/**
 * Weight algebra: reorders rows for rotary positions, merges products of one input, drops gains of ones. Changes which weights the graph wants; {@link prepareWeights} then
 * makes those, and {@link arrange} does both.
 */
export function simplify(
  graph: Graph,
  { formats = new Map(), neutral = new Set(), rules = [] }: WeightFacts = {},
): Graph {
  const reordered = rewrite(graph, [
    ...rules,
    neighbouringPairs(hasRowsBy(formats)),
    dropNeutralGain(neutral),
  ]);
  return rewrite(reordered, [mergeProducts(joinableBy(formats))]);
}

/** Fusion: nodes absorb their neighbours. Leaves the weights as they are. */
export function fuse(graph: Graph): Graph {
  return rewrite(graph, [absorbMeeting, absorbBehind, absorbInFront]);
}
