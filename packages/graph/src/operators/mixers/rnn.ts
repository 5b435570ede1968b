import type { Operator } from '../../ir.ts';
import { defineRecurrent } from './define-recurrent.ts';
import { rnnKind } from './rnn-kind.ts';
import { rnnRecurrence } from './rnn-recurrence.ts';

/**
 * ONNX `RNN` (opset 22) of f32 and f16: `H = f(X Wᵀ + H⁻ Rᵀ + biases)`, `f` tanh unless `activations` name another. Layouts, weights, lengths, clip
 * and states as of {@link lstm}.
 */
export const rnn: Operator = /* @__PURE__ */ defineRecurrent(rnnKind, rnnRecurrence);
