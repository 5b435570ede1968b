import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

export const reduceReference: Oracle = ({ axes, options, inputs, round }) => {
  const { outer, length, inner } = axes as { outer: number; length: number; inner: number };
  const y = new Float64Array(outer * inner);
  for (let at = 0; at < outer * inner; at++) {
    const first = Math.floor(at / inner) * length * inner + (at % inner);
    const values = Float64Array.from({ length }, (_, i) => inputs.x![first + i * inner]!);
    switch (options.operation) {
      case 'sum':
        y[at] = pairwiseSum(values, round);
        break;
      case 'mean':
        y[at] = round(pairwiseSum(values, round) * round(1 / length));
        break;
      case 'max':
        y[at] = Math.max(...values);
        break;
      case 'min':
        y[at] = Math.min(...values);
        break;
      case 'product':
        y[at] = values.reduce((product, value) => round(product * value), 1);
        break;
      case 'sum-of-squares':
        y[at] = pairwiseSum(
          values.map((value) => round(value * value)),
          round,
        );
    }
  }
  return { y };
};
