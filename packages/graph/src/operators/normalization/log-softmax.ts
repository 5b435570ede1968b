import type { Operator } from '../../ir.ts';
import { defineSoftmax } from './define-softmax.ts';

/** ONNX `LogSoftmax` (opset 13). */
export const logSoftmax: Operator = /* @__PURE__ */ defineSoftmax({
  name: 'LogSoftmax',
  // output = x - log Σ exp(x) along an axis
  logarithm: true,
});
