import { type Extent, TilewrightError } from '@tilewright/kernels';
import { inferNode } from './infer-node.ts';
import { type ExtentScope, extentScope, isEqual, knownValue, printShape } from './extent/index.ts';
import { aliasesOf, indexGraph, partsOf, unfold, writesOf } from './graph-index.ts';
import type { Equality, Graph, Node } from './ir.ts';

/**
 * What a legal graph is. Returns the graph; throws `bad-graph` otherwise. Run after every pass: a pass that breaks a
 * graph is caught where it happened.
 */
export function checkGraph(graph: Graph): Graph {
  const defined = new Set<string>();
  const define = (name: string, what: string): void => {
    if (!graph.values[name]) fail(name, `${what} has no type`, 'every value is listed in values');
    if (defined.has(name)) fail(name, `it is defined twice (again as ${what})`, 'a value is defined once');
    defined.add(name);
  };
  for (const [name, { shape }] of Object.entries(graph.values))
    for (const size of shape) {
      const symbols = Object.keys(graph.symbols).join(', ');
      const isKnown =
        typeof size === 'number'
          ? Number.isSafeInteger(size) && size >= 0
          : typeof size === 'object' || graph.symbols[size] !== undefined;
      if (!isKnown)
        fail(
          name,
          `its dimension ${size} is unknown`,
          `a dimension is an integer from 0 on${symbols && ` or one of: ${symbols}`}`,
        );
    }
  const extents = extentScope(graph.symbols);
  const scope = { ...graph, scalars: new Set(graph.scalars), extents };
  const found: Equality[] = [...graph.equalities];
  for (const name of graph.inputs) define(name, 'an input');
  for (const name of graph.scalars) define(name, 'a number of a step');
  for (const name of Object.keys(graph.weights)) define(name, 'a weight');
  for (const name of Object.keys(graph.constants)) define(name, 'a constant');
  for (const { initial } of Object.values(graph.states)) define(initial, 'a state');
  const made = new Set(partsOf(graph.nodes).flatMap(({ outputs }) => Object.values(outputs)));
  for (const [name, contents] of Object.entries(graph.contents)) {
    if (graph.values[name] && !knownValue(graph.values[name].shape, contents))
      fail(
        name,
        `its ${contents.length} known elements are not those of ${printShape(graph.values[name].shape)}`,
        'contents are as many as their shape says',
      );
    if (!graph.constants[name] && !made.has(name)) define(name, 'known integers');
  }

  const names = new Set<string>();
  const overwritten = new Map<string, string>();
  const aliases = aliasesOf(graph.nodes, indexGraph(graph));
  const checkPart = (node: Node, leaving: ReadonlySet<string>, inside: Set<string>): void => {
    for (const [role, value] of Object.entries(node.inputs)) {
      if (!defined.has(value) && !inside.has(value))
        fail(
          node.name,
          `its input '${role}' reads '${value}' before it exists`,
          'nodes stand in running order',
        );
      const by = overwritten.get(value);
      if (by)
        fail(
          node.name,
          `it reads '${value}', which ${by} has overwritten in place`,
          'a state has one reader after which only its successor exists',
        );
    }
    const { types, equalities } = inferNode(node.name, node.operator, node.inputs, node.attributes, scope);
    found.push(...equalities);
    for (const [role, type] of Object.entries(types)) {
      const value = node.outputs[role];
      if (!value) continue;
      if (leaving.has(value)) define(value, `output '${role}' of ${node.name}`);
      else inside.add(value);
      const want = graph.values[value];
      if (!want) return fail(value, 'it has no type', 'every value is listed in values');
      if (want.dtype !== type.dtype || !isSameShape(extents, want.shape, type.shape))
        fail(
          value,
          `its type is ${want.dtype} ${printShape(want.shape)}`,
          `${node.operator.name} makes ${type.dtype} ${printShape(type.shape)}`,
        );
    }
    for (const role of Object.keys(node.outputs))
      if (!types[role])
        fail(
          node.name,
          `it has an output '${role}'`,
          `${node.operator.name} has ${Object.keys(types).join(', ')}`,
        );
    for (const value of Object.values(node.outputs)) {
      const before = aliases.get(value);
      if (before) overwritten.set(before, node.name);
    }
  };
  for (const node of graph.nodes) {
    if (names.has(node.name)) fail(node.name, 'two nodes have this name', 'node names are unique');
    names.add(node.name);
    const { nodes: parts, columns } = unfold(node);
    const leaving = new Set(writesOf(node));
    const inside = new Set<string>();
    for (const { of, argument } of columns) {
      const [type, whole] = [graph.values[argument.value], graph.values[of]];
      const [from, to] = argument.columns ?? [0, Number(whole?.shape.at(-1))];
      if (!type || !whole || !isSameShape(extents, type.shape, [...whole.shape.slice(0, -1), to - from]))
        fail(argument.value, `it is columns ${from} to ${to} of '${of}'`, 'it is as wide');
      inside.add(argument.value);
    }
    for (const part of parts) checkPart(part, leaving, inside);
    for (const value of leaving) {
      if (defined.has(value)) continue;
      if (!inside.has(value)) fail(value, 'nothing makes it', 'outputs are values');
      define(value, `a result of ${node.name}`);
    }
  }
  for (const name of graph.outputs)
    if (!defined.has(name)) fail(name, 'it is an output that nothing makes', 'outputs are values');
  for (const [state, { initial, final }] of Object.entries(graph.states)) {
    if (!defined.has(final))
      fail(state, `its final value '${final}' does not exist`, 'a state ends in a value');
    const [from, to] = [graph.values[initial]!, graph.values[final]!];
    if (from.dtype !== to.dtype || !isSameShape(extents, from.shape, to.shape))
      fail(
        state,
        `it starts as ${printShape(from.shape)} and ends as ${printShape(to.shape)}`,
        'a state keeps its type',
      );
    let root = final;
    while (aliases.has(root)) root = aliases.get(root)!;
    if (root !== initial) fail(state, `it ends as '${final}'`, 'a state ends in its successor');
  }
  return { ...graph, equalities: distinctEqualities(found) };
}

const isSameShape = (scope: ExtentScope, a: readonly Extent[], b: readonly Extent[]): boolean =>
  a.length === b.length && a.every((size, axis) => isEqual(scope, size, b[axis]!) === 'yes');

/** Each pair of sizes once. */
function distinctEqualities(equalities: readonly Equality[]): readonly Equality[] {
  const distinct = new Map<string, Equality>();
  for (const equality of equalities) {
    const [a, b] = equality.sizes.map((size) => JSON.stringify(size)).sort();
    const key = `${a} ${b}`;
    if (!distinct.has(key)) distinct.set(key, equality);
  }
  return [...distinct.values()];
}

function fail(subject: string, problem: string, requirement: string): never {
  throw new TilewrightError('bad-graph', { subject, problem, requirement });
}
