import { checkOptions, having } from '@tilewright/kernels';
import { checkGraph, checkKinds, type Graph, type Node } from '@tilewright/graph';
import { checkCompressionKinds } from './check-kinds.ts';
import type { Statistic } from './statistic.ts';

/** A graph that also gathers statistics. */
export interface TappedGraph {
  readonly graph: Graph;
  /** For each weight and statistic the state that holds the sum, and the size of the inputs. Equal inputs share one. */
  readonly taps: readonly {
    readonly weight: string;
    readonly statistic: Statistic;
    readonly state: string;
    readonly columns: number;
  }[];
}

/**
 * Adds to a graph what gathers `statistics` of the inputs of linear layers, one sum for each distinct input; `inputs`: the
 * value that each weight multiplies. Compile the result without fusion, which would take the inputs away.
 */
export function withTaps(
  graph: Graph,
  statistics: readonly Statistic[],
  inputs: ReadonlyMap<string, string>,
): TappedGraph {
  checkKinds('withTaps', { graph });
  checkCompressionKinds('withTaps', { statistics });
  checkOptions('withTaps', { inputs }, { inputs: having('a Map of values by weight', 'get', 'size') });
  const states = { ...graph.states };
  const values = { ...graph.values };
  const nodes: Node[] = [];
  const stateOf = new Map<string, string>();
  const taps: TappedGraph['taps'][number][] = [];
  for (const [weight, input] of inputs) {
    const columns = Number(graph.values[input]!.shape.at(-1));
    for (const statistic of statistics) {
      const key = JSON.stringify([statistic.id, input]);
      let state = stateOf.get(key);
      if (state === undefined) {
        state = `statistic.${stateOf.size}`;
        const present = `${state}.present`;
        stateOf.set(key, state);
        values[state] = { dtype: 'f32', shape: statistic.shape(columns) };
        values[present] = values[state]!;
        states[state] = { initial: state, final: present };
        nodes.push({
          name: state,
          operator: statistic.tap,
          inputs: { past: state, x: input },
          outputs: { present },
          attributes: {},
        });
      }
      taps.push({ weight, statistic, state, columns });
    }
  }
  return { graph: checkGraph({ ...graph, states, values, nodes: [...graph.nodes, ...nodes] }), taps };
}
