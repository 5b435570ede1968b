import type { Oracle } from '../../contract/check.ts';

export const dwtReference: Oracle = ({ axes, inputs, round }) => {
  const { rows, length, half, taps } = axes as Record<string, number>;
  const read = (filter: Float64Array): Float64Array =>
    Float64Array.from({ length: rows! * half! }, (_, at) => {
      const [row, o, even] = [Math.floor(at / half!), at % half!, 2 * half!];
      let sum = 0;
      for (let j = 0; j < taps!; j++) {
        const place = (((2 * o + taps! / 2 - j) % even) + even) % even;
        const x = inputs.x![row * length! + Math.min(place, length! - 1)]!;
        sum = round(sum + round(filter[j]! * x));
      }
      return sum;
    });
  return { low: read(inputs.lowpass!), high: read(inputs.highpass!) };
};
