import type { Filling } from '@tilewright/kernels';
import { regionsOf } from '../../graph-index.ts';
import type { LoweringContext, Node } from '../../ir.ts';
import { completeNode } from '../attributes.ts';

/** What a product reads for its rows, as a node absorbed it: through which fillings, with which buffers. */
export function frontOf(
  node: Node,
  input: string,
  context: LoweringContext,
): {
  readonly input: string;
  readonly slots: Readonly<Record<string, Filling>>;
  readonly bindings: Readonly<Record<string, string>>;
} {
  const [front] = regionsOf(node, 'load');
  const norm = front?.nodes[0];
  const load = norm && norm.operator.absorption!.load!(completeNode(norm), context);
  return { input: front?.arguments[0]?.value ?? input, slots: {}, bindings: {}, ...load };
}
