import type { Operator } from '../../ir.ts';
import { definePointwise } from './define-pointwise.ts';
import { foldNegate } from '../../extent/fold.ts';
import { extentAlgebra } from '../../extent/index.ts';
import { knownOf } from '../shape/known.ts';
import { withIntegers } from './with-fold.ts';

/** ONNX `Neg` (opset 13). */
export const neg: Operator = /* @__PURE__ */ definePointwise({
  name: 'Neg',
  // Y = -X
  inputs: ['X'],
  output: 'Y',
  expression: () => ['neg', 'X'],
});

/** The same of integers, too; of u32 what added to it gives 0. */
export const negWithIntegers: Operator = /* @__PURE__ */ withIntegers(neg, {
  output: 'Y',
  wgsl: (type) => `return ${type}() - a;`,
  elements: (context) => foldNegate(extentAlgebra(context.extents.symbols), knownOf(context, 'X')!),
});
