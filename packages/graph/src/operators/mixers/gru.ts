import type { Operator } from '../../ir.ts';
import { defineRecurrent } from './define-recurrent.ts';
import { gruKind } from './gru-kind.ts';
import { gruRecurrence } from './gru-recurrence.ts';

/**
 * ONNX `GRU` (opset 22) of f32 and f16: gates z, r, h; `f` sigmoid and `g` tanh unless `activations` name others; `linear_before_reset` 1
 * multiplies the product of the state by r, else r multiplies the state before it. Layouts, weights, lengths, clip and states as of
 * {@link lstm}.
 */
export const gru: Operator = /* @__PURE__ */ defineRecurrent(gruKind, gruRecurrence);
