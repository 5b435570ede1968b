import type { Oracle } from '../../contract/check.ts';
import type { FeatureMapReference } from '../linear-attention/slots.ts';

export const toeplitzAttentionReference: Oracle = ({ axes, options, scalars, inputs, slots, round }) => {
  const { batch, tokens, keys, heads, key_heads: keyHeads, span } = axes as Record<string, number>;
  const [n, m] = [axes.key_size!, axes.value_size!];
  const map = slots.feature_map as FeatureMapReference;
  const feature = (x: number): number => round(map(round(scalars.feature_scale! * x), round));
  const y = new Float64Array(batch! * tokens! * heads! * m);
  for (let at = 0; at < batch! * tokens! * heads!; at++) {
    const [head, token] = [at % heads!, Math.floor(at / heads!) % tokens!];
    const first = Math.floor(at / heads! / tokens!) * keys!;
    const biasRow = Math.floor((head * axes.bias_heads!) / heads!) * span!;
    const sums = new Float64Array(m);
    let weights = 0;
    for (let other = 0; other < keys! && !(options.causal && other > token); other++) {
      const row = (first + other) * keyHeads! + Math.floor((head * keyHeads!) / heads!);
      let dot = 0;
      for (let i = 0; i < n; i++)
        dot = round(dot + round(feature(inputs.q![at * n + i]!) * feature(inputs.k![row * n + i]!)));
      const bias = inputs.bias![biasRow + other + (span! - 1) / 2 - token]!;
      const weight = round(dot * round(Math.exp(bias)));
      weights = round(weights + weight);
      sums.forEach((sum, j) => (sums[j] = round(sum + round(weight * inputs.v![row * m + j]!))));
    }
    const bound = options.normalize ? round(weights + scalars.epsilon!) : 1;
    y.set(
      sums.map((sum) => round(sum / bound)),
      at * m,
    );
  }
  return { y };
};
