import type { GraphBuilder, WeightExpression } from '@tilewright/graph';
import type { Axis, PublishedWeight } from '../architectures/architecture.ts';

/** What every block builds with: a graph, and a record of the weights that it reads. */
export interface ModelBuilder {
  readonly graph: GraphBuilder;
  /**
   * A weight by its published name; `because`: what in the config asks for it, where models may lack it; `expression`: how it is made
   * of the tensor of that name, where it is not that.
   */
  weight(name: string, axes: readonly Axis[], because?: string, expression?: WeightExpression): string;
}

/** Declares weights in a graph and in `weights`. */
export const weightRecorder =
  (graph: GraphBuilder, weights: Map<string, PublishedWeight>): ModelBuilder['weight'] =>
  (name, axes, because, expression) => {
    weights.set(name, { axes, ...(because !== undefined && { because }) });
    return graph.weight(
      name,
      axes.map(({ size }) => size),
      expression,
    );
  };
