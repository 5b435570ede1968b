// Who makes and who reads what, with what nodes have absorbed.
import type { Graph, GraphIndex, Node, Operator, Region, RegionArgument, Slot } from './ir.ts';

export function indexGraph(graph: Graph): GraphIndex {
  const producer = new Map<string, Node>();
  const consumers = new Map<string, Set<Node>>();
  for (const node of graph.nodes) {
    for (const value of writesOf(node)) producer.set(value, node);
    for (const value of readsOf(node)) {
      const known = consumers.get(value);
      if (known) known.add(node);
      else consumers.set(value, new Set([node]));
    }
  }
  const states = Object.values(graph.states);
  return {
    producer,
    consumers,
    kept: new Set([...graph.outputs, ...states.map(({ final }) => final)]),
    states: new Set(states.map(({ initial }) => initial)),
  };
}

/** Whether anything reads a value, in the graph or after it. */
export const isRead = (
  { consumers, kept }: Pick<GraphIndex, 'consumers' | 'kept'>,
  value: string | undefined,
): value is string => value !== undefined && (kept.has(value) || (consumers.get(value)?.size ?? 0) > 0);

/**
 * Values that lie where another did, by name: which one. An operator says so of its outputs always (`inPlace`), or where the input is a
 * state or what became of one, unless the step ends with that (`successors`).
 */
export function aliasesOf(nodes: readonly Node[], { states, kept }: GraphIndex): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  const owned = new Set(states);
  for (const { operator, inputs, outputs } of partsOf(nodes))
    for (const [output, input] of Object.entries({ ...operator.successors, ...operator.inPlace })) {
      const [before, after] = [inputs[input], outputs[output]];
      if (!before || !after) continue;
      const isState = owned.has(before) && !kept.has(before);
      if (isState) owned.add(after);
      if (isState || operator.inPlace?.[output]) aliases.set(after, before);
    }
  return aliases;
}

export const isOf = (node: Node | undefined, operator: Operator): node is Node =>
  node?.operator.id === operator.id;

/** The regions of a node's slots of one direction. */
export const regionsOf = (node: Node, direction: Slot['direction']): readonly Region[] =>
  Object.entries(node.absorbed ?? {}).flatMap(([slot, regions]) =>
    node.operator.slots![slot]!.direction === direction ? regions : [],
  );

/** Columns of a host's result that have a name of their own inside it. */
export interface Columns {
  readonly of: string;
  readonly argument: RegionArgument;
}

/** The nodes that a node stands for, in running order, and the parts of its own result that its regions name. */
export function unfold(node: Node): {
  readonly nodes: readonly Node[];
  readonly columns: readonly Columns[];
} {
  if (!node.absorbed) return { nodes: [node], columns: [] };
  const { absorbed, ...host } = node;
  const inside = (direction: Slot['direction']): readonly Node[] =>
    regionsOf(node, direction).flatMap(({ nodes }) => nodes);
  const columns = Object.entries(absorbed).flatMap(([slot, regions]) => {
    const { direction, role } = node.operator.slots![slot]!;
    const of = node.outputs[role]!;
    if (direction === 'load') return [];
    return regions.flatMap((region) =>
      region.arguments.flatMap((argument) =>
        argument.value === of ? [] : [{ of: argument.of ?? of, argument }],
      ),
    );
  });
  return { nodes: [...inside('load'), host, ...inside('epilogue')], columns };
}

/** All that some nodes stand for, in running order. */
export const partsOf = (nodes: readonly Node[]): readonly Node[] =>
  nodes.flatMap((node) => unfold(node).nodes);

/** Values that a node reads from outside, each once. */
export function readsOf(node: Node): readonly string[] {
  if (!node.absorbed) return [...new Set(Object.values(node.inputs))];
  const { nodes, columns } = unfold(node);
  const inside = new Set([
    ...nodes.flatMap(({ outputs }) => Object.values(outputs)),
    ...columns.map(({ argument }) => argument.value),
  ]);
  return [...new Set(nodes.flatMap(({ inputs }) => Object.values(inputs)))].filter(
    (value) => !inside.has(value),
  );
}

/** Values that leave a node. */
export function writesOf(node: Node): readonly string[] {
  if (!node.absorbed) return Object.values(node.outputs);
  const covered = new Set(
    Object.keys(node.absorbed).flatMap((slot) => {
      const { direction, role } = node.operator.slots![slot]!;
      return direction === 'epilogue' ? [role] : [];
    }),
  );
  return [
    ...Object.entries(node.outputs).flatMap(([role, value]) => (covered.has(role) ? [] : [value])),
    ...regionsOf(node, 'epilogue').flatMap(({ results }) => results),
  ];
}

/** Every value that a node names, inside or out. */
export const namesOf = (node: Node): readonly string[] => {
  const { nodes, columns } = unfold(node);
  return [
    ...nodes.flatMap(({ inputs, outputs }) => [...Object.values(inputs), ...Object.values(outputs)]),
    ...columns.map(({ argument }) => argument.value),
  ];
};
