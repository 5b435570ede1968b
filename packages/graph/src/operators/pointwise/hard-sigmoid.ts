import type { Operator } from '../../ir.ts';
import { hardSigmoidFormula } from './activation-formulas.ts';
import { definePointwise } from './define-pointwise.ts';

/** ONNX `HardSigmoid` (opset 22). */
export const hardSigmoid: Operator = /* @__PURE__ */ definePointwise({
  name: 'HardSigmoid',
  // Y = alpha · X + beta, from 0 to 1
  inputs: ['X'],
  output: 'Y',
  attributes: {
    alpha: { type: 'number', default: 0.2 },
    beta: { type: 'number', default: 0.5 },
  },
  expression: ({ alpha, beta }) => hardSigmoidFormula('X', alpha, beta),
});
