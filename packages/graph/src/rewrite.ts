import { type Contents, type ExtentScope, extentScope } from './extent/index.ts';
import { indexGraph, namesOf, readsOf, unfold, writesOf } from './graph-index.ts';
import type { Equality, Graph, GraphContext, Node, ValueType } from './ir.ts';
import { inferOutputs } from './infer-node.ts';
import { completeNode } from './operators/attributes.ts';
import { checkGraph } from './spec.ts';
import type { WeightExpression } from './weights/weight-expression.ts';

/** A change to a graph: nodes that go, nodes that come (in the place of the last that goes), weights that come. */
export interface Edit {
  readonly remove: readonly Node[];
  readonly add: readonly Node[];
  readonly weights?: Readonly<
    Record<
      string,
      {
        readonly expression: WeightExpression;
        readonly shape: readonly number[];
      }
    >
  >;
}

/** A pattern and what to put in its place; `undefined` where the pattern does not match. */
export interface Rule {
  readonly name: string;
  readonly apply: (node: Node, context: GraphContext) => Edit | undefined;
}

/** Operators that say which others they are made of: expanded where they ask for it. */
export const expandOperators: Rule = {
  name: 'expand-operators',
  apply(node, context) {
    const add = node.operator.expand?.(completeNode(node), context);
    return add && { remove: [node], add };
  },
};

/**
 * Applies rules wherever they match until none does, then drops what nothing needs. The result is checked. Every edit
 * costs as much as it changes, so the time grows with the nodes.
 */
export function rewrite(graph: Graph, rules: readonly Rule[]): Graph {
  const draft = draftOf(graph);
  // A rule may match because of a node that it does not begin at, so the walk is repeated until nothing changes.
  for (let changed = true; changed;) {
    changed = false;
    const waiting = [...draft.places.keys()];
    for (let next = 0; next < waiting.length; next++) {
      const node = waiting[next]!;
      if (!draft.places.has(node)) continue;
      const edit = firstEdit(rules, node, draft.context);
      if (!edit) continue;
      applyEdit(draft, edit);
      waiting.push(...edit.add);
      changed = true;
    }
  }
  const nodes = inRunningOrder(
    [...draft.places].sort(([, a], [, b]) => a.place - b.place || a.order - b.order).map(([node]) => node),
  );
  const { values, contents, equalities, weights } = draft;
  return checkGraph(removeDeadCode({ ...graph, values, contents, equalities, weights, nodes }));
}

function firstEdit(rules: readonly Rule[], node: Node, context: GraphContext): Edit | undefined {
  for (const rule of rules) {
    const edit = rule.apply(node, context);
    if (edit) return edit;
  }
  return undefined;
}

/** A graph that is being changed: its tables, and where each node stands. */
interface Draft {
  readonly values: Record<string, ValueType>;
  readonly contents: Record<string, Contents>;
  readonly weights: Record<string, WeightExpression>;
  readonly scalars: ReadonlySet<string>;
  readonly extents: ExtentScope;
  /** What runs must check, of nodes that went and nodes that came. */
  readonly equalities: Equality[];
  readonly producer: Map<string, Node>;
  readonly consumers: Map<string, Set<Node>>;
  readonly places: Map<Node, { readonly place: number; readonly order: number }>;
  readonly context: GraphContext;
}

function draftOf(graph: Graph): Draft {
  const { kept, states } = indexGraph(graph);
  const producer = new Map<string, Node>();
  const consumers = new Map<string, Set<Node>>();
  const values = { ...graph.values };
  const contents = { ...graph.contents };
  const weights = { ...graph.weights };
  const extents = extentScope(graph.symbols);
  const context = { values, contents, extents, weights, producer, consumers, kept, states };
  const draft: Draft = {
    values,
    contents,
    weights,
    scalars: new Set(graph.scalars),
    extents,
    equalities: [...graph.equalities],
    producer,
    consumers,
    places: new Map(),
    context,
  };
  graph.nodes.forEach((node, place) => addNode(draft, node, place, 0));
  return draft;
}

function addNode(draft: Draft, node: Node, place: number, order: number): void {
  draft.places.set(node, { place, order });
  for (const value of writesOf(node)) draft.producer.set(value, node);
  for (const value of readsOf(node)) {
    const readers = draft.consumers.get(value);
    if (readers) readers.add(node);
    else draft.consumers.set(value, new Set([node]));
  }
}

function applyEdit(draft: Draft, edit: Edit): void {
  for (const [name, { expression, shape }] of Object.entries(edit.weights ?? {})) {
    draft.weights[name] = expression;
    draft.values[name] = { dtype: 'f32', shape };
  }
  const place = Math.max(...edit.remove.map((node) => draft.places.get(node)!.place));
  for (const node of edit.remove) {
    draft.places.delete(node);
    for (const value of writesOf(node)) draft.producer.delete(value);
    for (const value of readsOf(node)) draft.consumers.get(value)!.delete(node);
  }
  edit.add.forEach((node, order) => {
    draft.equalities.push(...inferOutputs(node, draft));
    addNode(draft, node, place, order);
  });
}

/** The same nodes with every value made before it is read, changing the given order as little as possible. */
function inRunningOrder(nodes: readonly Node[]): Node[] {
  const makers = new Map(nodes.flatMap((node) => writesOf(node).map((value) => [value, node] as const)));
  const ordered = new Set<Node>();
  for (const last of nodes) {
    // A stack instead of recursion: a chain may be as long as the graph.
    const waiting = [last];
    const entered = new Set<Node>();
    while (waiting.length > 0) {
      const node = waiting.at(-1)!;
      if (ordered.has(node) || entered.has(node)) {
        ordered.add(node);
        waiting.pop();
        continue;
      }
      entered.add(node);
      for (const value of readsOf(node).toReversed()) {
        const maker = makers.get(value);
        if (maker && !ordered.has(maker) && !entered.has(maker)) waiting.push(maker);
      }
    }
  }
  return [...ordered];
}

/**
 * Removes nodes, weights, constants and known integers whose values neither an output nor a state needs, and what nobody but
 * removed nodes wanted equal. Inputs and states stay.
 */
export function removeDeadCode(graph: Graph): Graph {
  const needed = new Set([...graph.outputs, ...Object.values(graph.states).map((state) => state.final)]);
  const nodes: Node[] = [];
  const removed = new Set<string>();
  for (const node of graph.nodes.toReversed()) {
    if (!writesOf(node).some((value) => needed.has(value))) {
      for (const part of unfold(node).nodes) removed.add(part.name);
      continue;
    }
    for (const value of readsOf(node)) needed.add(value);
    nodes.push(node);
  }
  nodes.reverse();
  const keep = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => needed.has(name)));
  const inputs = graph.inputs.filter((name) => needed.has(name));
  const defined = new Set([
    ...inputs,
    ...Object.values(graph.states).map((state) => state.initial),
    ...nodes.flatMap(namesOf),
  ]);
  const values = Object.fromEntries(
    Object.entries(graph.values).filter(([name]) => needed.has(name) || defined.has(name)),
  );
  return {
    ...graph,
    nodes,
    inputs,
    scalars: graph.scalars.filter((name) => needed.has(name)),
    contents: keep(graph.contents),
    equalities: graph.equalities.filter(({ subject }) => !removed.has(subject)),
    values,
    weights: keep(graph.weights),
    constants: keep(graph.constants),
  };
}

/** The same graph with other outputs (and only the states that end up used), without what only the old ones needed. */
export function withOutputs(graph: Graph, outputs: readonly string[]): Graph {
  return checkGraph(removeDeadCode({ ...graph, outputs }));
}
