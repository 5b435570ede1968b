import type { Operator } from '../../ir.ts';
import { defineSoftmax } from './define-softmax.ts';

/** ONNX `Softmax` (opset 13): along one axis, default the last. */
export const softmax: Operator = /* @__PURE__ */ defineSoftmax({
  name: 'Softmax',
  // output = exp(x) / Σ exp(x) along an axis
  logarithm: false,
});
