import { boundedRatio, exponentialGates } from '@tilewright/kernels/fillings';
import type { Node, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { inferredContext } from '../shapes.ts';
import { linearRequest } from './linear-request.ts';
import { matrixLstmAttributes, type MatrixLstmAttributes, matrixLstmSizes } from './matrix-lstm-sizes.ts';
import { packedAs } from './packed-heads.ts';
import { expandSequences, sequencesRole, stateRows } from './packed-sequences.ts';
import { stateType } from './states.ts';

/** MatrixLstm where the m before each token is known, `[batch, tokens, heads]`: see there. */
export const matrixMemory: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'MatrixMemory',
  // C = e^(f̃ + before − m) C + e^(i − m) v kᵀ, y = C q / max(|nᵀq|, e^(−m))
  inputs: [
    { name: 'q', kind: 'required' },
    { name: 'k', kind: 'required' },
    { name: 'v', kind: 'required' },
    { name: 'i', kind: 'required' },
    { name: 'f', kind: 'required' },
    { name: 'before', kind: 'required' },
    { name: 'initial_c', kind: 'optional' },
    { name: 'initial_n', kind: 'optional' },
    sequencesRole,
  ],
  attributes: matrixLstmAttributes,
  successors: { final_c: 'initial_c', final_n: 'initial_n' },
  infer: (context) => {
    const { inputs, attributes } = context;
    const { batch, keySize, valueSize } = matrixLstmSizes(context);
    const rows = stateRows(context, batch);
    packedAs(context, 'before', inputs.i!.shape);
    return {
      y: inputs.v!,
      final_c: stateType(context, 'initial_c', [rows, attributes.heads, valueSize, keySize]),
      final_n: stateType(context, 'initial_n', [rows, attributes.heads, keySize]),
    };
  },
  expand: (node, context) => expandSequences(node, context, context.values[node.inputs.q!]!.shape[1]!),
  lower: (node: Node<MatrixLstmAttributes>, context) => {
    const { q, k, v, i, f, before } = node.inputs;
    const { heads, reverse } = node.attributes;
    const { keySize, valueSize } = matrixLstmSizes(inferredContext(node, context));
    return linearRequest(node, context, {
      bindings: {
        q: q!,
        k: k!,
        v: v!,
        y: node.outputs.y!,
        'gates.i': i!,
        'gates.f': f!,
        'gates.before': before!,
      },
      axes: { heads, key_heads: heads, value_heads: heads, key_size: keySize, value_size: valueSize },
      state: { initial: 'initial_c', final: 'final_c' },
      sums: { initial: 'initial_n', final: 'final_n' },
      options: { reverse: reverse === 1, state_order: 'value key' },
      slots: { gates: exponentialGates, finish: boundedRatio },
    });
  },
});
