import type { Graph, Node, WeightExpression } from '@tilewright/graph';
import { weightProduct } from '@tilewright/graph/unchecked';
import { indexGraph } from '@tilewright/graph/unchecked';
import type { HostTensor } from '@tilewright/kernels/weights';

/**
 * A place where a scale of columns can move without changing what the model computes: vectors that multiply the columns
 * of a value, and the weights that alone read it. Vectors times s and columns of the weights over s is the same model.
 */
export interface ScaleSite {
  /** Published names of the vectors, `[columns]`: a norm's gain, and its bias where it has one. */
  readonly vectors: readonly string[];
  /** Published names of the weights `[outputs, columns]` of the linear layers behind. */
  readonly weights: readonly string[];
}

/** The weights of linear layers and the values they multiply, by published name; in the order of the graph. */
export function linearInputs(graph: Graph): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const index = { ...graph, ...indexGraph(graph) };
  for (const node of graph.nodes) {
    const product = weightProduct(node, index);
    const weight = publishedName(graph, product?.weight);
    if (product && weight !== undefined) found.set(weight, product.input);
  }
  return found;
}

/** Where scales of columns can move to: asked of the operators of the graph, whichever they are. */
export const scaleSites = (graph: Graph): readonly ScaleSite[] =>
  sitesOf(graph, (value) => publishedName(graph, value));

/** A vector of gains as a file stores it: each number of `name`, of which `make` makes the gain; `unit` makes one. */
export interface StoredGain {
  readonly name: string;
  readonly unit: number;
  readonly make?: (tensor: HostTensor) => HostTensor;
}

/** How a gain of a graph is stored; undefined for what is not made of one tensor, number by number. */
export function storedGain(weight: WeightExpression): StoredGain | undefined {
  if (weight.kind === 'stored') return { name: weight.name, unit: 1 };
  if (weight.kind !== 'made' || weight.of.kind !== 'stored' || weight.unit === undefined) return undefined;
  return { name: weight.of.name, unit: weight.unit, make: weight.make };
}

/** Sites whose only vector is a gain. */
export function gainSites(graph: Graph): readonly {
  readonly gain: StoredGain;
  readonly weights: readonly string[];
}[] {
  const sites = sitesOf(graph, (value) => (storedGain(graph.weights[value] ?? noWeight) ? value : undefined));
  return sites.flatMap(({ vectors: [vector, ...others], weights }) =>
    others.length > 0 ? [] : [{ gain: storedGain(graph.weights[vector!]!)!, weights }],
  );
}

const noWeight: WeightExpression = { kind: 'zeros', rows: 0 };

/** Vectors by the names that `nameOf` gives them. */
function sitesOf(graph: Graph, nameOf: (value: string) => string | undefined): readonly ScaleSite[] {
  const index = { ...graph, ...indexGraph(graph) };
  const { consumers, kept } = index;
  const readersOf = (value: string): readonly Node[] => [...(consumers.get(value) ?? [])];
  const hasOneReader = (value: string): boolean => readersOf(value).length === 1;

  return graph.nodes.flatMap((node): ScaleSite[] => {
    const { columnScale } = node.operator;
    if (!columnScale) return [];
    const roles = columnScale.filter((role) => node.inputs[role] !== undefined);
    const vectors = roles.map((role) => nameOf(node.inputs[role]!));
    const [output, ...more] = Object.values(node.outputs);
    const behind = readersOf(output!);
    const fits =
      roles.length > 0 &&
      behind.length > 0 &&
      !kept.has(output!) &&
      !more.some((value) => consumers.has(value) || kept.has(value)) &&
      roles.every((role) => hasOneReader(node.inputs[role]!));
    if (!fits) return [];
    const weights = behind.map((reader) => {
      const product = weightProduct(reader, index);
      if (product?.input !== output) return undefined;
      const [view, ...others] = readersOf(product!.weight);
      const isShared = others.length > 0 || !Object.values(view!.outputs).every(hasOneReader);
      return isShared ? undefined : publishedName(graph, product!.weight);
    });
    return vectors.every(isName) && weights.every(isName) ? [{ vectors, weights }] : [];
  });
}

const isName = (name: string | undefined): name is string => name !== undefined;

/** The name under which a weight was published; `undefined` for what is not such a weight as it stands. */
function publishedName({ weights }: Graph, value: string | undefined): string | undefined {
  const expression: WeightExpression | undefined = value === undefined ? undefined : weights[value];
  return expression?.kind === 'stored' ? expression.name : undefined;
}
