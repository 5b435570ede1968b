import { type Graph, isOf, prepareWeights, simplify, subgraph } from '@tilewright/graph';
import { gateUp } from '@tilewright/graph/operators/gate-up';
import { linear } from '@tilewright/graph/operators/linear';
import { linearRopeCache } from '@tilewright/graph/operators/linear-rope-cache';
import type { WeightFormat, StateDict } from '@tilewright/kernels';
import type { BuiltModel } from './architectures/architecture.ts';

/** A model as a graph whose weights may now be calibrated and compressed. */
export interface ModelGraph<Tasks = unknown> extends Pick<BuiltModel<Tasks>, 'graph' | 'blocks' | 'tasks'> {
  /** Names of the weights of linear layers inside the blocks: what compression works on. */
  readonly linearWeights: readonly string[];
}

/** Simplifies the graph of a model. `formats`: of weights that are already compressed, by stored name. */
export function modelGraph<Tasks>(
  { graph: built, blocks, tasks }: Pick<BuiltModel<Tasks>, 'graph' | 'blocks' | 'tasks'>,
  formats?: ReadonlyMap<string, WeightFormat>,
): ModelGraph<Tasks> {
  const graph = simplify(built, formats);
  return { graph, blocks, tasks, linearWeights: linearWeightsOf(graph, blocks) };
}

function linearWeightsOf(graph: Graph, blocks: ModelGraph['blocks']): readonly string[] {
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (!first || !last) return [];
  const products = [linear, gateUp, linearRopeCache];
  return subgraph(graph, [first.input], [last.output]).nodes.flatMap((node) =>
    products.some((product) => isOf(node, product)) ? [node.inputs.weight!] : [],
  );
}

/** The weights the graph wants, from a state in published names. */
export const prepareModel = ({ graph }: Pick<ModelGraph, 'graph'>, state: StateDict): StateDict =>
  prepareWeights(graph, state);
