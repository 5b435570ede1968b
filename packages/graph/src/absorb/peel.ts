import { regionsOf } from '../graph-index.ts';
import type { Node, Region } from '../ir.ts';

/** A node that was let out of its host again: lowering found no kernel with it. */
export interface PeeledNode {
  readonly node: string;
  readonly host: string;
  /** What did not fit. */
  readonly reason: string;
}

/** A host and a neighbour that it has let out. */
export interface Peel {
  readonly peeled: Node;
  readonly host: Node;
  /** Both, in running order. */
  readonly nodes: readonly Node[];
}

/** A host without the last neighbour behind it, and without the one in front of it. */
export const peels = (host: Node): readonly Peel[] =>
  [peelBehind(host), peelFront(host)].filter((each) => each !== undefined);

function peelBehind(host: Node): Peel | undefined {
  for (const [slot, { direction }] of Object.entries(host.operator.slots ?? {})) {
    const regions = host.absorbed?.[slot];
    if (direction !== 'epilogue' || !regions) continue;
    const at = regions.findLastIndex(({ nodes, results }) => nodes.length > 0 && results.length > 0);
    if (at < 0) continue;
    const region = regions[at]!;
    const peeled = region.nodes.at(-1)!;
    const rest = regions.toSpliced(at, 1, ...without(region, peeled));
    const left = withSlot(host, slot, rest);
    return { peeled, host: left, nodes: [left, peeled] };
  }
  return undefined;
}

function peelFront(host: Node): Peel | undefined {
  const front = regionsOf(host, 'load').find(({ nodes }) => !nodes[0]!.operator.absorption!.inseparable);
  if (!front) return undefined;
  const slot = Object.entries(host.absorbed!).find(([, regions]) => regions.includes(front))![0];
  const [inner] = front.nodes as readonly [Node];
  // Other hosts may have absorbed the same node: outside, this one has names of its own.
  const renamed = new Map(Object.values(inner.outputs).map((value) => [value, `${host.name}.${value}`]));
  const named = (values: Node['inputs']): Node['inputs'] =>
    Object.fromEntries(Object.entries(values).map(([role, value]) => [role, renamed.get(value) ?? value]));
  const peeled = { ...inner, name: `${host.name}.${inner.name}`, outputs: named(inner.outputs) };
  const left = { ...withSlot(host, slot, []), inputs: named(host.inputs) };
  return { peeled, host: left, nodes: [peeled, left] };
}

/** A region that its last node has left; where several arguments met in that node, a region for each. */
function without(region: Region, peeled: Node): readonly Region[] {
  const nodes = region.nodes.slice(0, -1);
  const before = nodes.at(-1);
  if (before) return [{ ...region, nodes, results: Object.values(before.outputs) }];
  const read = region.arguments.filter(({ value }) => Object.values(peeled.inputs).includes(value));
  return read.map((argument) => ({ arguments: [argument], nodes: [], results: [argument.value] }));
}

function withSlot(host: Node, slot: string, regions: readonly Region[]): Node {
  const { [slot]: _old, ...others } = host.absorbed!;
  const whole = regions.length === 1 && regions[0]!.nodes.length === 0 && !regions[0]!.arguments[0]!.columns;
  const absorbed = regions.length === 0 || whole ? others : { ...others, [slot]: regions };
  const { absorbed: _absorbed, ...plain } = host;
  return Object.keys(absorbed).length === 0 ? plain : { ...plain, absorbed };
}
