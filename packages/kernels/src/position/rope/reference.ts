import type { Oracle } from '../../contract/check.ts';

export const ropeReference: Oracle = ({ axes, options, inputs, round }) => {
  const {
    tokens,
    heads,
    head_size: size,
    half,
  } = axes as Record<'tokens' | 'heads' | 'head_size' | 'half', number>;
  const y = inputs.x!.slice();
  for (let token = 0; token < tokens; token++)
    for (let head = 0; head < heads; head++)
      for (let i = 0; i < half; i++) {
        const start = (token * heads + head) * size;
        const [first, second] = options.interleaved
          ? [start + 2 * i, start + 2 * i + 1]
          : [start + i, start + i + half];
        const at = (inputs.positions![2 * token]! * half + i) * 2;
        const [cosine, sine] = [inputs.cos_sin![at]!, inputs.cos_sin![at + 1]!];
        const [a, b] = [inputs.x![first]!, inputs.x![second]!];
        y[first] = round(round(a * cosine) - round(b * sine));
        y[second] = round(round(b * cosine) + round(a * sine));
      }
  return { y };
};
