import type { Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { matrixLstmAttributes, matrixLstmSizes } from './matrix-lstm-sizes.ts';
import { matrixMemory } from './matrix-memory.ts';
import { peakScan } from './peak-scan.ts';
import { sequencesRole, stateRows } from './packed-sequences.ts';
import { stateType } from './states.ts';

/**
 * The mLSTM of xLSTM (Beck et al. 2024, arXiv 2405.04517): with `f̃ = logsigmoid(f)` and `m_t = max(f̃_t + m_{t−1}, i_t)`, `C_t = e^{f̃_t + m_{t−1} −
 * m_t} C_{t−1} + e^{i_t − m_t} v_t k_tᵀ`, n likewise with k alone, `y_t = C_t q_t / max(|n_tᵀ q_t|, e^{−m_t})`; k is divided by √dk. `q` and `k`
 * are `[batch, tokens, heads · dk]`, `v` and `y` `[batch, tokens, heads · dv]`, `i` and `f` `[batch, tokens, heads]` in f32 or f16; states in
 * f32: c `[batch, heads, dv, dk]`, n `[batch, heads, dk]`, m `[batch, heads]`, absent ones 0.
 */
export const matrixLstm: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'MatrixLstm',
  // C = e^(f̃ + m⁻ − m) C + e^(i − m) v kᵀ, y = C q / max(|nᵀq|, e^(−m))
  inputs: [
    { name: 'q', kind: 'required' },
    { name: 'k', kind: 'required' },
    { name: 'v', kind: 'required' },
    { name: 'i', kind: 'required' },
    { name: 'f', kind: 'required' },
    { name: 'initial_c', kind: 'optional' },
    { name: 'initial_n', kind: 'optional' },
    { name: 'initial_m', kind: 'optional' },
    sequencesRole,
  ],
  attributes: matrixLstmAttributes,
  successors: { final_c: 'initial_c', final_n: 'initial_n', final_m: 'initial_m' },
  infer: (context) => {
    const { heads } = context.attributes;
    const { batch, keySize, valueSize } = matrixLstmSizes(context);
    const rows = stateRows(context, batch);
    return {
      y: context.inputs.v!,
      final_c: stateType(context, 'initial_c', [rows, heads, valueSize, keySize]),
      final_n: stateType(context, 'initial_n', [rows, heads, keySize]),
      final_m: stateType(context, 'initial_m', [rows, heads]),
    };
  },
  expand: (node) => {
    const { initial_m: initial, ...inputs } = node.inputs;
    const packed = inputs.sequences ? { sequences: inputs.sequences } : {};
    const { y, final_c, final_n, final_m } = node.outputs;
    const { heads, reverse } = node.attributes;
    const before = `${node.name}.before`;
    return [
      {
        name: `${node.name}.peaks`,
        operator: peakScan,
        inputs: { f: inputs.f!, i: inputs.i!, ...(initial && { initial }), ...packed },
        outputs: { before, ...(final_m && { final: final_m }) },
        attributes: { reverse },
      },
      {
        name: node.name,
        operator: matrixMemory,
        inputs: { ...inputs, before },
        outputs: { y: y!, ...(final_c && { final_c }), ...(final_n && { final_n }) },
        attributes: { heads, reverse },
      },
    ];
  },
});
