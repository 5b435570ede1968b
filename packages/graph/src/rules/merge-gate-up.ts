import { isOf } from '../ir.ts';
import { elementwise } from '../operators/pointwise/elementwise.ts';
import { gateUp } from '../operators/products/gate-up.ts';
import { linear } from '../operators/products/linear.ts';
import type { Rule } from '../rewrite.ts';
import type { Joinable } from '../weights/weight-expression.ts';
import { hasOneReader, isPlain, producerOf } from './merge-query-key-value.ts';

/** `silu(x gateᵀ) ⊙ (x upᵀ)` becomes one multiplication with stacked weights and two accumulators. */
export const mergeGateUp = (joinable: Joinable): Rule => ({
  name: 'merge-gate-up',
  apply(node, context) {
    if (!isOf(node, elementwise)) return undefined;
    const names = gateAndUp(node.attributes.expression);
    if (!names) return undefined;
    const gate = producerOf(context, node.inputs[names.gate], linear);
    const up = producerOf(context, node.inputs[names.up], linear);
    if (!gate || !up || gate.inputs.x !== up.inputs.x || !isPlain(gate) || !isPlain(up)) return undefined;
    if (!hasOneReader(context, gate) || !hasOneReader(context, up)) return undefined;
    const [wGate, wUp] = [context.weights[gate.inputs.weight!], context.weights[up.inputs.weight!]];
    const [rows, columns] = context.values[gate.inputs.weight!]!.shape as [number, number];
    if (!wGate || !wUp || !joinable([wGate, wUp]) || context.values[up.inputs.weight!]!.shape[0] !== rows)
      return undefined;
    const merged = gate.inputs.weight!.replace(/\bgate_proj\b/, 'gate_up_proj');
    const weight = merged === gate.inputs.weight ? `${merged}.gate_up` : merged;
    return {
      remove: [gate, up, node],
      add: [
        {
          name: node.name,
          operator: gateUp,
          inputs: { x: gate.inputs.x!, weight },
          outputs: { y: node.outputs.y! },
          attributes: { activation: names.activation },
        },
      ],
      weights: {
        [weight]: {
          shape: [2 * rows, columns],
          expression: { kind: 'concat-rows', parts: [wGate, wUp] },
        },
      },
    };
  },
});

/** Recognises ['mul', [activation, gate], up] in either order. */
function gateAndUp(expression: unknown): { gate: string; up: string; activation: string } | undefined {
  if (!Array.isArray(expression) || expression[0] !== 'mul') return undefined;
  for (const [active, up] of [
    [expression[1], expression[2]],
    [expression[2], expression[1]],
  ]) {
    if (
      !Array.isArray(active) ||
      active.length !== 2 ||
      typeof active[1] !== 'string' ||
      typeof up !== 'string'
    )
      continue;
    return { gate: active[1], up, activation: String(active[0]) };
  }
  return undefined;
}
