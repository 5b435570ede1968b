import type { Rule } from '../rewrite.ts';
import { hasOneReader, isPlain, producerOf } from './merge-query-key-value.ts';

/** `silu(x gateᵀ) ⊙ (x upᵀ)` becomes one multiplication with stacked weights and two accumulators. */
export const mergeGateUp: Rule = {
  name: 'merge-gate-up',
  apply(node, graph, index) {
    if (node.op !== 'Elementwise') return undefined;
    const names = gateAndUp(node.attributes.expression);
    if (!names) return undefined;
    const gate = producerOf(index, node.inputs[names.gate], 'Linear');
    const up = producerOf(index, node.inputs[names.up], 'Linear');
    if (!gate || !up || gate.inputs.x !== up.inputs.x || !isPlain(gate) || !isPlain(up)) return undefined;
    if (!hasOneReader(index, gate) || !hasOneReader(index, up)) return undefined;
    const [wGate, wUp] = [graph.weights[gate.inputs.weight!], graph.weights[up.inputs.weight!]];
    const [rows, columns] = graph.values[gate.inputs.weight!]!.shape as [number, number];
    if (!wGate || !wUp || graph.values[up.inputs.weight!]!.shape[0] !== rows) return undefined;
    const merged = gate.inputs.weight!.replace(/\bgate_proj\b/, 'gate_up_proj');
    const weight = merged === gate.inputs.weight ? `${merged}.gate_up` : merged;
    return {
      remove: [gate, up, node],
      add: [
        {
          name: node.name,
          op: 'GateUp',
          inputs: { x: gate.inputs.x!, weight },
          outputs: { y: node.outputs.y! },
          attributes: { activation: names.activation },
        },
      ],
      weights: {
        [weight]: { shape: [2 * rows, columns], expression: { kind: 'concat-rows', parts: [wGate, wUp] } },
      },
    };
  },
};

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
