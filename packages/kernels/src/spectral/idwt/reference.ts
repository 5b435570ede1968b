import type { Oracle } from '../../contract/check.ts';

export const idwtReference: Oracle = ({ axes, inputs, round }) => {
  const { rows, length, half, taps } = axes as Record<string, number>;
  const x = new Float64Array(rows! * length!);
  for (let at = 0; at < rows! * half!; at++)
    for (let j = 0; j < taps!; j++) {
      const [row, o] = [Math.floor(at / half!), at % half!];
      const place = row * length! + ((((2 * o + j - taps! / 2 + 1) % length!) + length!) % length!);
      const part = round(
        round(inputs.lowpass![j]! * inputs.low![at]!) + round(inputs.highpass![j]! * inputs.high![at]!),
      );
      x[place] = round(x[place]! + part);
    }
  return { x };
};
