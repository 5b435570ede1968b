import type { Oracle } from '../../contract/check.ts';

export const attentionFreeReference: Oracle = ({ axes, options, scalars, inputs, round }) => {
  const { batch, tokens, channels } = axes as Record<string, number>;
  const y = new Float64Array(batch! * tokens! * channels!);
  for (let at = 0; at < y.length; at++) {
    const [channel, token] = [at % channels!, Math.floor(at / channels!) % tokens!];
    const first = at - channel - token * channels!;
    const others = Array.from({ length: options.causal ? token + 1 : tokens! }, (_, other) => other);
    const exponents = others.map((other) => {
      const isNear = scalars.window === 0 || Math.abs(token - other) < scalars.window!;
      const bias = isNear ? (inputs.w?.[token * tokens! + other] ?? 0) : 0;
      return round(inputs.k![first + other * channels! + channel]! + bias);
    });
    const peak = exponents.reduce((most, each) => Math.max(most, each), -Infinity);
    let [sum, weights] = [0, 0];
    for (const other of others) {
      const weight = round(Math.exp(round(exponents[other]! - peak)));
      weights = round(weights + weight);
      sum = round(sum + round(weight * inputs.v![first + other * channels! + channel]!));
    }
    const gate = round(1 / round(1 + round(Math.exp(-inputs.q![at]!))));
    y[at] = round(round(gate * sum) / weights);
  }
  return { y };
};
