import { checkOptions, positiveInteger } from '../../contract/check-options.ts';
import type { EpilogueReference, FillingScope, RowPlace } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';

/**
 * Slot `epilogue`: the output times sigmoid(gate), `epilogue.gate` `[batch, queries, heads, value_size]` in this order
 * (gated attention; Qiu et al. 2025, arXiv 2505.06708).
 */
export function gatedOutput(valueSize: number): Filling<EpilogueReference> {
  checkOptions('gatedOutput', { valueSize }, { valueSize: positiveInteger });
  const width = valueSize % 4 === 0 ? 4 : 1;
  return {
    id: `gated-${width}`,
    bindings: { gate: { shape: ['batch', 'queries', 'heads', 'value_size'], dtype: 'float', width } },
    wgsl: (slot) => `fn ${slot}(token: Token, unit: u32, value: v_fragment) {
  let row = (token.batch * params.queries + token.index) * HEADS + token.head;
  let gate = ${slot}_gate_load(row * V_UNITS + unit);
  y_store(token.at + unit, value / v_keep_nan(gate, 1.0 + exp(-clamp(gate, v_fragment(-88.0), v_fragment(88.0)))));
}`,
    reference: (row, { batch, head, index }, { tensor, axes, round }) => {
      const from = ((batch * axes.queries! + index) * axes.heads! + head) * valueSize;
      return row.map((value, c) => round(value / round(1 + round(Math.exp(-tensor('gate')[from + c]!)))));
    },
  };
}

/**
 * Slot `epilogue`: the output times sigmoid(gate), one `epilogue.gate` `[batch, queries, heads]` for all channels of a head
 * (gated attention; Bondarenko et al. 2023, arXiv 2306.12929).
 */
export const headGate: Filling<EpilogueReference> = /* @__PURE__ */ Object.freeze({
  id: 'head-gate',
  bindings: { gate: { shape: ['batch', 'queries', 'heads'], dtype: 'float' as const } },
  wgsl: (slot: string) => `fn ${slot}(token: Token, unit: u32, value: v_fragment) {
  let gate = ${slot}_gate_load((token.batch * params.queries + token.index) * HEADS + token.head);
  y_store(token.at + unit, value / keep_nan(gate, 1.0 + exp(clamp(-gate, -88.0, 88.0))));
}`,
  reference: (row: Float64Array, { batch, head, index }: RowPlace, { tensor, axes, round }: FillingScope) => {
    const gate = tensor('gate')[(batch * axes.queries! + index) * axes.heads! + head]!;
    return row.map((value) => round(value / round(1 + round(Math.exp(-gate)))));
  },
});
