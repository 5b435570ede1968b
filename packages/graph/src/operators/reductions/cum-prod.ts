import { runningProduct } from '@tilewright/kernels/prefix-sum';
import type { Operator } from '../../ir.ts';
import { defineRunning } from './define-running.ts';

/** ONNX `CumProd` (opset 26) of f32, f16, i32 and u32, along one axis. */
export const cumProd: Operator = /* @__PURE__ */ defineRunning({
  name: 'CumProd',
  // y = running products of x, of what stands before where exclusive is set
  combine: runningProduct,
});
