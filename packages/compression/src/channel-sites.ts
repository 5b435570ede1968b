import { checkKinds, type Graph, isOf, type Operator } from '@tilewright/graph';
import { addToRows } from '@tilewright/graph/operators/add';
import { gelu } from '@tilewright/graph/operators/gelu';
import { relu } from '@tilewright/graph/operators/relu';
import { swiGluOfRows } from '@tilewright/graph/operators/swi-glu';
import { isTilewrightError } from '@tilewright/kernels';
import { linearInputs } from './scale-sites.ts';
import { type RotationSite, turnTogether, type TurningOperator } from './turning.ts';

const pointwise = (operator: Operator, inputs: readonly string[], output: string): TurningOperator => ({
  operator,
  inputs,
  output,
});

/** What treats all columns alike, so that they can change places, and go. */
const alike: readonly TurningOperator[] = [
  pointwise(addToRows, ['A', 'B'], 'C'),
  pointwise(swiGluOfRows, ['A', 'B'], 'Y'),
  pointwise(gelu, ['X'], 'Y'),
  pointwise(relu, ['X'], 'Y'),
];

/**
 * Where columns can change places without changing what the model computes: those of values between products, with nothing in between that
 * tells columns apart (the neurons of an MLP). Rows of the weights in front and columns of those behind move together.
 */
export function channelSites(graph: Graph): readonly RotationSite[] {
  checkKinds('channelSites', { graph });
  const sites = new Map<string, RotationSite>();
  for (const value of new Set(linearInputs(graph).values())) {
    const producer = graph.nodes.find(({ outputs }) => Object.values(outputs).includes(value));
    if (!producer || !alike.some(({ operator }) => isOf(producer, operator))) continue;
    try {
      const size = Number(graph.values[value]!.shape.at(-1));
      const site = turnTogether('channels', graph, [value], size, alike);
      if (site.rows.length > 0) sites.set(site.rows.join(), site);
    } catch (error) {
      // What tells columns apart stands in between: this value is not such a place.
      if (!isTilewrightError(error) || error.code !== 'bad-argument') throw error;
    }
  }
  return [...sites.values()];
}
