import { TilewrightError } from '@tilewright/kernels';
import { indexGraph, readsOf, writesOf } from './graph-index.ts';
import type { Graph, Node } from './ir.ts';
import { removeDeadCode } from './rewrite.ts';
import { checkGraph } from './spec.ts';

/**
 * The part of a graph between some values: `from` become inputs, `to` outputs. States that the part does not advance are
 * left out. Throws `bad-graph` for a value that does not exist.
 */
export function subgraph(graph: Graph, from: readonly string[], to: readonly string[]): Graph {
  for (const name of [...from, ...to])
    if (!graph.values[name])
      throw new TilewrightError('bad-graph', {
        subject: 'subgraph',
        problem: `there is no value '${name}'`,
        requirement: 'a part lies between values of the graph',
      });
  const cut = new Set(from);
  const { producer } = indexGraph(graph);
  const nodes = new Set<Node>();
  // A list instead of recursion: a chain may be as long as the graph.
  for (const waiting = [...to]; waiting.length > 0;) {
    const value = waiting.pop()!;
    const node = cut.has(value) ? undefined : producer.get(value);
    if (!node || nodes.has(node)) continue;
    nodes.add(node);
    waiting.push(...readsOf(node));
  }
  const kept = graph.nodes.filter((node) => nodes.has(node));
  const made = new Set(kept.flatMap(writesOf));
  const states = Object.fromEntries(Object.entries(graph.states).filter(([, { final }]) => made.has(final)));
  const inputs = [...graph.inputs.filter((name) => !cut.has(name)), ...from];
  const left = new Set(graph.nodes.filter((node) => !nodes.has(node)).map(({ name }) => name));
  const equalities = graph.equalities.filter(({ subject }) => !left.has(subject));
  return checkGraph(removeDeadCode({ ...graph, equalities, nodes: kept, inputs, outputs: to, states }));
}
