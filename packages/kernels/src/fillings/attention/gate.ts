import type { EpilogueReference } from '../../attention/slots.ts';
import type { Filling } from '../../core/filling.ts';

/**
 * Slot `epilogue`: the output times sigmoid(gate), `epilogue.gate` `[batch, queries, heads, value_size]` in this order
 * (gated attention; Qiu et al. 2025, arXiv 2505.06708).
 */
export function gatedOutput(valueSize: number): Filling<EpilogueReference> {
  const width = valueSize % 4 === 0 ? 4 : 1;
  return {
    id: `gated-${width}`,
    bindings: { gate: { shape: ['batch', 'queries', 'heads', 'value_size'], dtype: 'float', width } },
    wgsl: (slot) => `fn ${slot}(token: Token, unit: u32, value: v_fragment) {
  let row = (token.batch * params.queries + token.index) * HEADS + token.head;
  let gate = clamp(${slot}_gate_load(row * V_UNITS + unit), v_fragment(-88.0), v_fragment(88.0));
  y_store(token.at + unit, value / (1.0 + exp(-gate)));
}`,
    reference: (row, { batch, head, index }, { tensor, axes, round }) => {
      const from = ((batch * axes.queries! + index) * axes.heads! + head) * valueSize;
      return row.map((value, c) => round(value / round(1 + round(Math.exp(-tensor('gate')[from + c]!)))));
    },
  };
}
