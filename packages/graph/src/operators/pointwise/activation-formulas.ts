// Activations with numbers of their own, as formulas of an operand: operators of ONNX's, and functions of recurrent cells.
import type { Expression } from '@tilewright/kernels';

export const eluFormula = (x: string, alpha: number): Expression => [
  'select',
  ['less', x, 0],
  ['mul', alpha, ['sub', ['exp', ['min', x, 0]], 1]],
  x,
];

export const hardSigmoidFormula = (x: string, alpha: number, beta: number): Expression => [
  'clamp',
  ['add', ['mul', alpha, x], beta],
  0,
  1,
];

export const leakyReluFormula = (x: string, alpha: number): Expression => [
  'select',
  ['less', x, 0],
  ['mul', alpha, x],
  x,
];

export const softsignFormula = (x: string): Expression => ['div', x, ['add', 1, ['abs', x]]];

export const thresholdedReluFormula = (x: string, alpha: number): Expression => [
  'select',
  ['less', alpha, x],
  x,
  0,
];
