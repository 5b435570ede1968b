import { runningSum } from '@tilewright/kernels/prefix-sum';
import type { Operator } from '../../ir.ts';
import { defineRunning } from './define-running.ts';

/** ONNX `CumSum` (opset 14) of f32, f16, i32 and u32, along one axis. */
export const cumSum: Operator = /* @__PURE__ */ defineRunning({
  name: 'CumSum',
  // y = running sums of x, of what stands before where exclusive is set
  combine: runningSum,
});
