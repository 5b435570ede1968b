import type { StorageType } from '@tilewright/kernels';
import { extentScope } from '../extent/index.ts';
import { inferNode, inferOutputs } from '../infer-node.ts';
import type { Graph, Node, StateType, ValueType } from '../ir.ts';
import { completeNode } from '../operators/attributes.ts';
import { checkGraph } from '../spec.ts';
import type { CacheFormat, CacheSizes } from '../ir.ts';

/** A cache on its way through a graph: what its sections are now. */
interface PlacedCache {
  readonly state: string;
  readonly format: CacheFormat;
  readonly sizes: CacheSizes;
  readonly sections: Readonly<Record<string, string>>;
}

/**
 * The graph with each cache in the sections of its format, and in the place of nodes that append to it or read it what the format says.
 * `formats` replaces those that states were declared with, by state. Throws what formats and operators throw.
 */
export function placeCaches(graph: Graph, formats: Readonly<Record<string, CacheFormat>> = {}): Graph {
  const caches = new Map<string, PlacedCache>();
  const [states, opaque] = [{} as Record<string, StateType>, {} as Record<string, PlacedCache>];
  const scope = {
    values: { ...graph.values },
    contents: { ...graph.contents },
    scalars: new Set(graph.scalars),
    extents: extentScope(graph.symbols),
  };
  for (const [state, type] of Object.entries(graph.states)) {
    if (!type.cache) {
      states[state] = type;
      continue;
    }
    const { keySize, chunk } = type.cache;
    const format = formats[state] ?? type.cache.format;
    const { dtype, shape } = graph.values[type.initial]!;
    const [rows, heads, positions, size] = shape as [number, number, number, number];
    const sizes = {
      rows,
      heads,
      positions,
      keySize,
      valueSize: size - keySize,
      chunk,
      dtype: dtype as StorageType,
    };
    const sections = Object.entries(format.sections(sizes)).map(([section, sectionType]) => {
      const name = `${state}.${section}`;
      scope.values[name] = sectionType;
      return [section, name] as const;
    });
    const cache = { state, format, sizes, sections: Object.fromEntries(sections) };
    caches.set(type.initial, cache);
    opaque[state] = cache;
  }
  if (caches.size === 0) return graph;

  const inputs = [...graph.inputs];
  const nodes: Node[] = [];
  const ofHost = new Map<string, Node>();
  const keyOf = ({ operator, inputs: read, attributes }: Omit<Node, 'name' | 'outputs'>): string =>
    JSON.stringify([operator.id, read, attributes]);
  const put = (node: Node): void => {
    inferOutputs(node, scope);
    nodes.push(node);
    if (node.operator.host) ofHost.set(keyOf(node), node);
  };
  const shared = (like: Omit<Node, 'name' | 'outputs'>, role: string): string => {
    const found = ofHost.get(keyOf(like))?.outputs[role];
    if (found) return found;
    const name = `caches.${nodes.length}`;
    const { types } = inferNode(name, like.operator, like.inputs, like.attributes, scope);
    const outputs = Object.fromEntries(Object.keys(types).map((each) => [each, `${name}.${each}`]));
    put({ ...like, name, outputs });
    return outputs[role]!;
  };
  const input = (name: string, type: ValueType): string => {
    if (!inputs.includes(name)) inputs.push(name);
    scope.values[name] ??= type;
    return name;
  };
  for (const node of graph.nodes) {
    const cache = caches.get(node.inputs.cache ?? '');
    const place = cache && node.operator.place;
    if (!place) {
      put(node);
      continue;
    }
    const step = { sizes: cache.sizes, name: node.name, sections: cache.sections, shared, input };
    const placed = place(completeNode(node), step, cache.format, scope.values);
    for (const each of placed.nodes) put(each);
    if (placed.sections) caches.set(node.outputs.present!, { ...cache, sections: placed.sections });
  }
  for (const [state, { final }] of Object.entries(graph.states)) {
    const [first, last] = [opaque[state], caches.get(final)];
    if (!first || !last) continue;
    for (const [section, initial] of Object.entries(first.sections))
      states[`${state}.${section}`] = { initial, final: last.sections[section]! };
  }
  return checkGraph({ ...graph, inputs, nodes, states, values: scope.values, contents: scope.contents });
}
