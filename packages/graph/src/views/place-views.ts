// Finds the values of a graph that are views, and copies where a view cannot be one: of views, in place, at the end of a step.
import { TilewrightError } from '@tilewright/kernels';
import { readsOf, writesOf } from '../graph-index.ts';
import { completeNode } from '../operators/attributes.ts';
import { copy } from '../operators/shape/copy.ts';
import { inputTypes } from '../operators/shapes.ts';
import type { CopiedValue, Node, PlaceViews, View } from '../ir.ts';
import { isRowMajor } from './order.ts';
import { readWhileWritten, type RefusedViews, viewedBytes, viewsOf, withViews } from './read-views.ts';

/** A copy, and the node that makes it where it is new. */
interface Copied {
  readonly copy: string;
  readonly node?: Node;
}

/** Finds the views of a graph; adds types of copies to the scope. */
export const placeViews: PlaceViews = (graph, { kept, producer }, aliases, scope) => {
  const views = new Map<string, View>();
  const homes = new Map<string, string>();
  const copied = new Map<string, string>();
  const copies: CopiedValue[] = [];
  const taken = new Set([...aliases.keys(), ...aliases.values()]);
  const copyNode = (value: string, into: string): Node => {
    scope.values[into] = scope.values[value]!;
    return {
      name: `${value}.copy`,
      operator: copy,
      inputs: { x: value },
      outputs: { y: into },
      attributes: {},
    };
  };
  const copyOf = (value: string, reader: string, reason: string): Copied => {
    const known = copied.get(value);
    if (known !== undefined) return { copy: known };
    const into = `${value}.row-major`;
    copied.set(value, into);
    copies.push({ value, reader, reason });
    return { copy: into, node: copyNode(value, into) };
  };
  const nodes: Node[] = [];
  /** With copies of some inputs in their place. */
  const withCopies = (node: Node, roles: readonly string[], reason: string): Node => {
    const inputs: Record<string, string> = { ...node.inputs };
    for (const role of roles) {
      const { copy: into, node: made } = copyOf(inputs[role]!, node.name, reason);
      if (made) nodes.push(made);
      inputs[role] = into;
    }
    return { ...node, inputs };
  };
  /** What a view node makes, under the names of values that may be views: a graph ends in values with buffers. */
  const place = (node: Node, seen: Readonly<Record<string, View>>): void => {
    const outputs: Record<string, string> = { ...node.outputs };
    const behind: Node[] = [];
    for (const [role, value] of Object.entries(node.outputs)) {
      const view = seen[role]!;
      const { root } = view;
      if (!kept.has(value)) views.set(value, view);
      else if (isRowMajor(scope.extents, view) && producer.has(root) && !kept.has(root) && !taken.has(root)) {
        // What is made for the output alone is written where that lies.
        taken.add(root);
        homes.set(root, value);
        views.set(value, view);
      } else {
        const inside = `${value}.view`;
        outputs[role] = inside;
        scope.values[inside] = scope.values[value]!;
        views.set(inside, view);
        copies.push({ value: inside, reader: value, reason: 'what a step returns is row-major' });
        behind.push(copyNode(inside, value));
      }
    }
    nodes.push({ ...node, outputs }, ...behind);
  };
  const overwritten = new Map<string, string>();
  for (const node of graph.nodes) {
    const { operator, inputs } = node;
    for (const value of readsOf(node))
      refuseOverwritten(node, value, overwritten.get(views.get(value)?.root ?? ''));
    for (const value of writesOf(node)) {
      const before = aliases.get(value);
      if (before !== undefined) overwritten.set(views.get(before)?.root ?? before, node.name);
    }
    if (!operator.view) {
      const replaced = Object.values(operator.inPlace ?? {}).filter((role) => views.has(inputs[role]!));
      nodes.push(replaced.length > 0 ? withCopies(node, replaced, 'it is overwritten') : node);
      continue;
    }
    const role = operator.inputs[0]!.name;
    const see = (of: Node): Readonly<Record<string, View>> | undefined => {
      const { attributes } = completeNode(of);
      const known = Object.entries(of.inputs).flatMap(([name, value]) =>
        scope.contents[value] ? [[name, scope.contents[value]] as const] : [],
      );
      const source = of.inputs[role]!;
      return operator.view!.outputs({
        subject: of.name,
        inputs: inputTypes(of, scope.values),
        outputs: inputTypes({ inputs: of.outputs }, scope.values),
        contents: Object.fromEntries(known),
        attributes,
        extents: scope.extents,
        mustEqual: () => {},
        source,
        view: views.get(source),
      });
    };
    const seen = see(node);
    if (seen) place(node, seen);
    else {
      const from = withCopies(node, [role], `${operator.name} joins axes that lie apart`);
      place(from, see(from)!);
    }
  }
  const viewOf = (value: string): View | undefined => {
    const view = views.get(value);
    return view && !isRowMajor(scope.extents, view) ? view : undefined;
  };
  const rootOf = (value: string): string => {
    const root = views.get(value)?.root ?? value;
    return homes.get(root) ?? root;
  };
  let refused: { readonly node: Node; readonly views: Map<string, string> } | undefined;
  return {
    nodes,
    viewOf,
    copies,
    read(node, kernel, request, context, resolve) {
      if (refused?.node !== node) refused = { node, views: new Map() };
      const known = refused.views;
      const refuse = (views: RefusedViews): string => {
        for (const [value, reason] of views) known.set(value, reason);
        return [...views.values()].join('; ');
      };
      const fitted = withViews(kernel, request, context);
      if (!('problem' in fitted)) return refuse(fitted);
      const call = resolve({
        ...fitted,
        bindings: Object.fromEntries(
          Object.entries(request.bindings).map(([binding, value]) => [binding, rootOf(value)]),
        ),
        addressedBytes: { ...viewedBytes(request, context, views), ...request.addressedBytes },
      });
      if (typeof call === 'string')
        // Perhaps it would take a copy.
        return refuse(new Map(viewsOf(request, context).map(([, value]) => [value, call]))) || call;
      const shared = readWhileWritten(call.program, request, context, {
        rootOf,
        isView: (value) => views.has(value),
      });
      return shared.size > 0 ? refuse(shared) : call;
    },
    withCopies(node) {
      if (refused?.node !== node || refused.views.size === 0) return undefined;
      const names = new Map<string, string>();
      const before: Node[] = [];
      for (const [value, reason] of refused.views) {
        const { copy: into, node: made } = copyOf(value, node.name, reason);
        names.set(value, into);
        if (made) before.push(made);
      }
      return [...before, reading(node, names)];
    },
  };
};

/** A view has nothing by itself: what its root held before is gone. */
function refuseOverwritten(node: Node, value: string, by: string | undefined): void {
  if (by === undefined) return;
  throw new TilewrightError('bad-graph', {
    subject: node.name,
    problem: `it reads '${value}', a view of what ${by} has overwritten in place`,
    requirement: 'a state has one reader after which only its successor exists, and so have its views',
    fix: `read it before ${by}`,
  });
}

/** A node that reads some values under other names, inside of it too. */
function reading(node: Node, names: ReadonlyMap<string, string>): Node {
  const renamed = (value: string): string => names.get(value) ?? value;
  const inputs = Object.fromEntries(
    Object.entries(node.inputs).map(([role, value]) => [role, renamed(value)]),
  );
  if (!node.absorbed) return { ...node, inputs };
  const absorbed = Object.entries(node.absorbed).map(([slot, regions]) => [
    slot,
    regions.map((region) => ({
      ...region,
      arguments: region.arguments.map((argument) => ({ ...argument, value: renamed(argument.value) })),
      nodes: region.nodes.map((inner) => reading(inner, names)),
    })),
  ]);
  return { ...node, inputs, absorbed: Object.fromEntries(absorbed) };
}
