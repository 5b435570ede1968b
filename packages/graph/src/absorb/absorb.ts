// Fusion: a neighbour that nobody else reads, whose needs a slot meets, moves into it. Whether its buffers fit shows in
// lowering, which lets it out again.
import { regionsOf, writesOf } from '../graph-index.ts';
import type { Absorption, GraphContext, Node, Region, Sight, Slot } from '../ir.ts';
import { completeNode } from '../operators/attributes.ts';
import type { Edit, Rule } from '../rewrite.ts';

const sights: readonly Sight[] = ['element', 'pair', 'quad', 'head', 'row'];

/** The slot of a host for a neighbour that comes or goes through one of its roles, where it hands in enough. */
function slotFor(
  host: Node,
  neighbour: Node,
  absorption: Absorption,
  through: (slot: Slot) => boolean,
  context: GraphContext,
): string | undefined {
  const needs = sights.indexOf(absorption.sees(completeNode(neighbour), context.values));
  return Object.entries(host.operator.slots ?? {}).find(
    ([, slot]) =>
      slot.direction === absorption.direction &&
      through(slot) &&
      sights.indexOf(slot.hands) >= needs &&
      (slot.when?.(host, context) ?? true),
  )?.[0];
}

const withRegions = (host: Node, slot: string, regions: readonly Region[]): Node => ({
  ...host,
  absorbed: { ...host.absorbed, [slot]: regions },
});

/** Nodes of a region: a longer one has a kernel whose text grows, and saves little. */
const longestChain = 16;

/** What reads a host's result alone moves behind it. */
export const absorbBehind: Rule = {
  name: 'absorb-behind',
  apply(node, context) {
    const { absorption } = node.operator;
    if (absorption?.direction !== 'epilogue' || node.absorbed) return undefined;
    const roles = absorption.through === 'any' ? Object.keys(node.inputs) : absorption.through;
    for (const role of roles) {
      const value = node.inputs[role];
      const host = value === undefined ? undefined : context.producer.get(value);
      if (!host || !isOnlyRead(context, value!)) continue;
      const slot = slotFor(
        host,
        node,
        absorption,
        (each) => host.absorbed !== undefined || host.outputs[each.role] === value,
        context,
      );
      if (slot === undefined) continue;
      const regions = host.absorbed?.[slot] ?? [
        { arguments: [{ value: value! }], nodes: [], results: [value!] },
      ];
      const at = regions.findIndex(({ results }) => results.includes(value!));
      const region = regions[at];
      if (!region || region.nodes.length >= longestChain) continue;
      if (region.nodes.at(-1)?.operator.absorption?.stores) continue;
      // What broadcasts its input to more elements computes more than the host has.
      const [output] = Object.values(node.outputs);
      if (!absorption.stores && !isAlike(context, value!, output!)) continue;
      if (!isReady(node, value!, host, context)) continue;
      const grown = { ...region, nodes: [...region.nodes, node], results: Object.values(node.outputs) };
      return { remove: [host, node], add: [withRegions(host, slot, regions.with(at, grown))] };
    }
    return undefined;
  },
};

const isAlike = ({ values }: GraphContext, a: string, b: string): boolean =>
  JSON.stringify(values[a]!.shape) === JSON.stringify(values[b]!.shape);

const isOnlyRead = ({ consumers, kept }: GraphContext, value: string): boolean =>
  consumers.get(value)?.size === 1 && !kept.has(value);

/** A formula of the two halves of a host's columns, which alone reads them, moves behind both. */
export const absorbMeeting: Rule = {
  name: 'absorb-meeting',
  apply(node, context) {
    if (!node.operator.absorption?.expression || node.absorbed) return undefined;
    const values = new Set(Object.values(node.inputs));
    const host = context.producer.get([...values][0]!);
    const [slot, regions] = Object.entries(host?.absorbed ?? {}).find(([, each]) => each.length === 2) ?? [];
    if (!host || slot === undefined || values.size !== 2) return undefined;
    const halves = regions!.map(({ arguments: [argument] }) => argument!);
    const meets =
      halves.every(({ value }) => values.has(value) && isOnlyRead(context, value)) &&
      isAlike(context, halves[0]!.value, halves[1]!.value) &&
      regions!.every(({ nodes }) => nodes.length === 0);
    if (!meets) return undefined;
    const meeting = { arguments: halves, nodes: [node], results: Object.values(node.outputs) };
    return { remove: [host, node], add: [withRegions(host, slot, [meeting])] };
  },
};

/** What a node reads beside the host's result must exist when the host runs: it must not come of another of its results. */
function isReady(node: Node, value: string, host: Node, { producer }: GraphContext): boolean {
  if (writesOf(host).length === 1) return true;
  return Object.values(node.inputs).every((each) => {
    const maker = producer.get(each);
    return each === value || !maker || maker.operator.host !== undefined;
  });
}

/** What makes an input of hosts, and nothing else needs, moves in front of each of them. */
export const absorbInFront: Rule = {
  name: 'absorb-in-front',
  apply(node, context) {
    const { absorption } = node.operator;
    if (absorption?.direction !== 'load' || absorption.through === 'any' || node.absorbed) return undefined;
    const value = node.outputs[absorption.through[0]!];
    const readers = value === undefined ? [] : [...(context.consumers.get(value) ?? [])];
    if (value === undefined || readers.length === 0 || context.kept.has(value)) return undefined;
    if (Object.values(node.outputs).some((other) => other !== value && context.consumers.get(other)?.size))
      return undefined;
    const region: Region = {
      arguments: [{ value: Object.values(node.inputs)[0]! }],
      nodes: [node],
      results: [value],
    };
    const add: Node[] = [];
    for (const host of readers) {
      const slot = slotFor(host, node, absorption, ({ role }) => host.inputs[role] === value, context);
      const uses = Object.values(host.inputs).filter((input) => input === value).length;
      const elsewhere = regionsOf(host, 'epilogue').some(({ nodes }) =>
        nodes.some(({ inputs }) => Object.values(inputs).includes(value)),
      );
      if (slot === undefined || uses !== 1 || elsewhere || host.absorbed?.[slot]) return undefined;
      add.push(withRegions(host, slot, [region]));
    }
    return { remove: [node, ...readers], add } satisfies Edit;
  },
};
