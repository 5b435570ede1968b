import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

export const conv1dReference: Oracle = ({ axes, options, inputs, round }) => {
  const { batch, tokens, out_tokens, window, in_channels, out_channels } = axes as Record<string, number>;
  const [stride, dilation, padding] = [options.stride, options.dilation, options.padding].map(Number);
  const y = new Float64Array(batch! * out_tokens! * out_channels!);
  for (let b = 0; b < batch!; b++)
    for (let t = 0; t < out_tokens!; t++)
      for (let o = 0; o < out_channels!; o++) {
        const terms: number[] = [];
        for (let tap = 0; tap < window!; tap++) {
          const token = t * stride! + tap * dilation! - padding!;
          if (token < 0 || token >= tokens!) continue;
          for (let c = 0; c < in_channels!; c++) {
            const weight = inputs.weight![(tap * in_channels! + c) * out_channels! + o]!;
            terms.push(round(inputs.x![(b * tokens! + token) * in_channels! + c]! * weight));
          }
        }
        const sum = pairwiseSum(terms, round);
        y[(b * out_tokens! + t) * out_channels! + o] = inputs.bias ? round(sum + inputs.bias[o]!) : sum;
      }
  return { y };
};
