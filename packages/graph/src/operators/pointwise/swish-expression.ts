import type { Expression } from '@tilewright/kernels';

/** `x · sigmoid(alpha · x)`. */
export const swishExpression = (alpha: number, x: string): Expression => [
  'mul',
  x,
  ['sigmoid', alpha === 1 ? x : ['mul', alpha, x]],
];
