import type { Oracle } from '../../contract/check.ts';
import { transform } from '../fft/reference.ts';
import type { Complex } from '../fft/slots.ts';
import type { FeatureMapReference } from '../../mixers/linear-attention/slots.ts';

export const toeplitzTransformReference: Oracle = ({ axes, options, scalars, inputs, slots, round }) => {
  const {
    batch,
    tokens,
    keys,
    heads,
    key_heads: keyHeads,
    features,
    size,
    span,
  } = axes as Record<string, number>;
  const [m, map] = [axes.value_size!, slots.feature_map as FeatureMapReference];
  const feature = (x: number): number => round(map(round(scalars.feature_scale! * x), round));
  const y = new Float64Array(batch! * tokens! * heads! * m);
  for (let row = 0; row < batch! * heads!; row++) {
    const [b, head] = [Math.floor(row / heads!), row % heads!];
    const key = Math.floor((head * keyHeads!) / heads!);
    const spectrum = Math.floor((head * axes.bias_heads!) / heads!) * 2 * size!;
    // The last column is that of denominators.
    const sums = Array.from({ length: m + 1 }, () => new Float64Array(tokens!));
    for (let i = 0; i < features!; i++)
      sums.forEach((sum, column) => {
        const line = Array.from({ length: size! }, (_, j): Complex => {
          if (j >= keys!) return [0, 0];
          const at = (b * keys! + j) * keyHeads! + key;
          const value = column < m ? inputs.v![at * m + column]! : 1;
          return [round(feature(inputs.k![at * features! + i]!) * value), 0];
        });
        const turned = transform(line, -1, round).map(([re, im], k): Complex => {
          const [c, d] = [inputs.spectrum![spectrum + 2 * k]!, inputs.spectrum![spectrum + 2 * k + 1]!];
          return [round(round(re * c) - round(im * d)), round(round(re * d) + round(im * c))];
        });
        const convolved = transform(turned, 1, round);
        for (let t = 0; t < tokens!; t++) {
          const query = feature(inputs.q![((b * tokens! + t) * heads! + head) * features! + i]!);
          sum[t] = round(sum[t]! + round(query * convolved[(t - (span! - 1) / 2 + size!) % size!]![0]));
        }
      });
    for (let t = 0; t < tokens!; t++)
      for (let column = 0; column < m; column++) {
        const bound = options.normalize ? round(sums[m]![t]! + scalars.epsilon!) : 1;
        y[((b * tokens! + t) * heads! + head) * m + column] = round(sums[column]![t]! / bound);
      }
  }
  return { y };
};
