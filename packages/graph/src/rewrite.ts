import { type Graph, type GraphIndex, indexGraph, type Node, type ValueType } from './ir.ts';
import { inferNode } from './infer-node.ts';
import { type Operators, operators as ours } from './operators/index.ts';
import { checkGraph } from './spec.ts';
import type { WeightExpression } from './weights/weight-expression.ts';

/** A change to a graph: nodes that go, nodes that come (in the place of the last that goes), weights that come. */
export interface Edit {
  readonly remove: readonly Node[];
  readonly add: readonly Node[];
  readonly weights?: Readonly<
    Record<string, { readonly expression: WeightExpression; readonly shape: readonly number[] }>
  >;
}

/** A pattern and what to put in its place; `undefined` where the pattern does not match. */
export interface Rule {
  readonly name: string;
  readonly apply: (node: Node, graph: Graph, index: GraphIndex) => Edit | undefined;
}

/** Applies rules wherever they match until none does, then drops what nothing needs. The result is checked. */
export function rewrite(graph: Graph, rules: readonly Rule[], operators: Operators = ours): Graph {
  let current = graph;
  for (let changed = true; changed;) {
    changed = false;
    const index = indexGraph(current);
    for (const node of current.nodes) {
      const edit = firstEdit(rules, node, current, index);
      if (!edit) continue;
      current = applyEdit(current, edit, operators);
      changed = true;
      break;
    }
  }
  return checkGraph(removeDeadCode(current), operators);
}

function firstEdit(rules: readonly Rule[], node: Node, graph: Graph, index: GraphIndex): Edit | undefined {
  for (const rule of rules) {
    const edit = rule.apply(node, graph, index);
    if (edit) return edit;
  }
  return undefined;
}

function applyEdit(graph: Graph, edit: Edit, operators: Operators): Graph {
  const values: Record<string, ValueType> = { ...graph.values };
  const weights = { ...graph.weights };
  for (const [name, { expression, shape }] of Object.entries(edit.weights ?? {})) {
    weights[name] = expression;
    values[name] = { dtype: 'f32', shape };
  }
  for (const node of edit.add) {
    const types = inferNode(node.name, node.op, node.inputs, node.attributes, values, operators);
    for (const [role, value] of Object.entries(node.outputs)) values[value] = types[role]!;
  }
  const last = Math.max(...edit.remove.map((node) => graph.nodes.indexOf(node)));
  const nodes = graph.nodes.flatMap((node, i) =>
    i === last ? edit.add : edit.remove.includes(node) ? [] : [node],
  );
  return { ...graph, values, weights, nodes: inRunningOrder(nodes) };
}

/** The same nodes with every value made before it is read, changing the given order as little as possible. */
function inRunningOrder(nodes: readonly Node[]): Node[] {
  const makers = new Map(
    nodes.flatMap((node) => Object.values(node.outputs).map((value) => [value, node] as const)),
  );
  const ordered = new Set<Node>();
  const place = (node: Node): void => {
    if (ordered.has(node)) return;
    for (const value of Object.values(node.inputs)) {
      const maker = makers.get(value);
      if (maker) place(maker);
    }
    ordered.add(node);
  };
  nodes.forEach(place);
  return [...ordered];
}

/** Removes nodes, weights and constants whose values neither an output nor a state needs. Inputs and states stay. */
export function removeDeadCode(graph: Graph): Graph {
  const needed = new Set([...graph.outputs, ...Object.values(graph.states).map((state) => state.final)]);
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!Object.values(node.outputs).some((value) => needed.has(value))) continue;
    for (const value of Object.values(node.inputs)) needed.add(value);
    nodes.unshift(node);
  }
  const keep = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => needed.has(name)));
  const inputs = graph.inputs.filter((name) => needed.has(name));
  const made = new Set([
    ...inputs,
    ...Object.values(graph.states).map((state) => state.initial),
    ...nodes.flatMap((node) => Object.values(node.outputs)),
  ]);
  const values = Object.fromEntries(
    Object.entries(graph.values).filter(([name]) => needed.has(name) || made.has(name)),
  );
  return { ...graph, nodes, inputs, values, weights: keep(graph.weights), constants: keep(graph.constants) };
}

/** The same graph with other outputs (and only the states that end up used), without what only the old ones needed. */
export function withOutputs(graph: Graph, outputs: readonly string[], operators: Operators = ours): Graph {
  return checkGraph(removeDeadCode({ ...graph, outputs }), operators);
}
