import type { Expression } from '@tilewright/kernels';

/** `x · sigmoid(alpha · x)`. */
export const swishExpression = (alpha: number, x: string): Expression =>
  alpha === 1 ? ['silu', x] : ['mul', x, ['sigmoid', ['mul', alpha, x]]];
