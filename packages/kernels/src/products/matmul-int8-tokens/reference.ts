import type { Oracle } from '../../contract/check.ts';
import { roundedActivations } from '../matmul-int8/reference.ts';
import { linearReference } from '../reference.ts';

/** The product with each row of the activation rounded as the kernel rounds it. */
export const matmulInt8TokensReference: Oracle = (input) => {
  const k = input.axes.k!;
  return linearReference(input, (a) => roundedActivations(a, k, input.round, k));
};
