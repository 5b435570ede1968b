import { isOf } from '../graph-index.ts';
import type { GraphContext, Node } from '../ir.ts';
import { addToRows } from '../operators/pointwise/add.ts';
import { weightProduct } from '../operators/products/weight-product.ts';

/** A product with a stored weight that nothing else reads, and the stored bias that is added to it, if there is one. */
export interface BiasedProduct {
  readonly node: Node;
  readonly input: string;
  readonly weight: string;
  /** The transpose through which it reads the weight. */
  readonly view: Node;
  readonly rows: number;
  readonly bias?: { readonly node: Node; readonly weight: string };
  /** The product, or that and the bias. */
  readonly result: string;
}

/** What a node multiplies and adds; `undefined` where others read the weights too, or where it has absorbed something. */
export function biasedProduct(node: Node, context: GraphContext): BiasedProduct | undefined {
  const { values, weights } = context;
  const product = weightProduct(node, context);
  const view = product && onlyReader(context, product.weight);
  const output = Object.values(node.outputs)[0]!;
  if (!view || node.absorbed || !onlyReader(context, Object.values(view.outputs)[0]!)) return undefined;
  const rows = Number(values[product.weight]!.shape[0]);
  const plain = { node, ...product, view, rows, result: output };
  const reader = onlyReader(context, output);
  if (!isOf(reader, addToRows)) return plain;
  const bias = Object.values(reader.inputs).find((value) => value !== output);
  if (bias === undefined || !weights[bias] || String(values[bias]!.shape) !== String(rows)) return plain;
  if (!onlyReader(context, bias)) return plain;
  return { ...plain, bias: { node: reader, weight: bias }, result: Object.values(reader.outputs)[0]! };
}

/** The node that alone reads a value; `undefined` where there are several, or the caller of a run reads it. */
export function onlyReader({ consumers, kept }: GraphContext, value: string): Node | undefined {
  const [reader, ...others] = consumers.get(value) ?? [];
  return others.length > 0 || kept.has(value) ? undefined : reader;
}
