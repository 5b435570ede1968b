import type { Oracle } from '../../contract/check.ts';

export const delayedSumReference: Oracle = ({ axes, inputs, round }) => {
  const { batch, tokens, channels, delays } = axes as Record<string, number>;
  const y = new Float64Array(batch! * tokens! * channels!);
  for (let at = 0; at < y.length; at++) {
    const channel = at % channels!;
    const token = Math.floor(at / channels!) % tokens!;
    const row = Math.floor(at / channels! / tokens!);
    for (let i = row * delays!; i < (row + 1) * delays!; i++) {
      const source = (token + inputs.delays![i]!) % tokens!;
      const x = inputs.x![(row * tokens! + source) * channels! + channel]!;
      y[at] = round(y[at]! + round(inputs.weights![i]! * x));
    }
  }
  return { y };
};
