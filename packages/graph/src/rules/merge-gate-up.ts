import type { Node } from '../ir.ts';
import { linear } from '../operators/products/linear.ts';
import type { Rule } from '../rewrite.ts';
import type { Joinable } from '../weights/weight-expression.ts';
import { hasOneReader, producerOf } from './merge-query-key-value.ts';

/**
 * Two products of one input that meet in a formula of both, as `silu(x gateᵀ) ⊙ (x upᵀ)`, become one product with stacked
 * weights that has absorbed the formula.
 */
export const mergeGateUp = (joinable: Joinable): Rule => ({
  name: 'merge-gate-up',
  apply(node, context) {
    if (!node.operator.absorption?.expression || node.absorbed) return undefined;
    const [first, second, ...more] = [...new Set(Object.values(node.inputs))];
    if (first === undefined || second === undefined || more.length > 0) return undefined;
    const [one, other] = [producerOf(context, first, linear), producerOf(context, second, linear)];
    if (!one || !other || one === other || one.inputs.x !== other.inputs.x) return undefined;
    if (![one, other].every((each) => !each.absorbed && hasOneReader(context, each))) return undefined;
    const [wOne, wOther] = [context.weights[one.inputs.weight!], context.weights[other.inputs.weight!]];
    const [rows, columns] = context.values[one.inputs.weight!]!.shape as [number, number];
    if (
      !wOne ||
      !wOther ||
      !joinable([wOne, wOther]) ||
      context.values[other.inputs.weight!]!.shape[0] !== rows
    )
      return undefined;
    const merged = one.inputs.weight!.replace(/\bgate_proj\b/, 'gate_up_proj');
    const weight = merged === one.inputs.weight ? `${merged}.gate_up` : merged;
    const product: Node = {
      name: node.name,
      operator: linear,
      inputs: { x: one.inputs.x!, weight },
      outputs: { y: `${node.name}.product` },
      attributes: {},
      absorbed: {
        epilogue: [
          {
            arguments: [
              { value: first, columns: [0, rows] },
              { value: second, columns: [rows, 2 * rows] },
            ],
            nodes: [node],
            results: Object.values(node.outputs),
          },
        ],
      },
    };
    return {
      remove: [one, other, node],
      add: [product],
      weights: {
        [weight]: { shape: [2 * rows, columns], expression: { kind: 'concat-rows', parts: [wOne, wOther] } },
      },
    };
  },
});
