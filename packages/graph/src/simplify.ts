import type { WeightFormat } from '@tilewright/kernels';
import type { Graph } from './ir.ts';
import { rewrite } from './rewrite.ts';
import { fuseElementwise, fuseEpilogue } from './rules/fuse-elementwise.ts';
import { mergeGateUp } from './rules/merge-gate-up.ts';
import { mergeQueryKeyValue } from './rules/merge-query-key-value.ts';
import { foldNormGain, fuseNorm } from './rules/norm.ts';

/**
 * Weight algebra: merges projections and folds gains. Changes which weights the graph wants, so it runs before
 * calibration and compression; {@link prepareWeights} then makes those weights.
 *
 * `formats`: of weights that are already compressed, by their name in the state dict; no gain is folded into those.
 */
export function simplify(graph: Graph, formats: ReadonlyMap<string, WeightFormat> = new Map()): Graph {
  const merged = rewrite(graph, [mergeQueryKeyValue, mergeGateUp]);
  return rewrite(merged, [foldNormGain((weight) => formats.get(weight))]);
}

/** Fusion: fills slots and joins elementwise chains. Leaves the weights as they are. */
export function fuse(graph: Graph): Graph {
  return rewrite(graph, [fuseElementwise, fuseEpilogue, fuseNorm]);
}
