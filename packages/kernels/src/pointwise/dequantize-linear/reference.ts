import type { Oracle } from '../../contract/check.ts';

export const dequantizeLinearReference: Oracle = ({ axes, options, inputs, round }) => {
  const { outer, length, inner, block } = axes as Record<string, number>;
  const blocks = Math.ceil(length! / block!);
  const y = new Float64Array(outer! * length! * inner!);
  const scaleOf = (o: number, l: number, i: number): number => {
    if (options.scale_per === 'tensor') return 0;
    if (options.scale_per === 'axis') return l;
    return (o * blocks + Math.floor(l / block!)) * inner! + i;
  };
  const integer = (words: Float64Array, i: number): number => {
    if (options.x_type === 'i32') return words[i]! | 0;
    const byte = (words[i >> 2]! >>> (8 * (i & 3))) & 0xff;
    return options.x_type === 'i8' ? (byte << 24) >> 24 : byte;
  };
  y.forEach((_, at) => {
    const l = Math.floor(at / inner!) % length!;
    const scale = scaleOf(Math.floor(at / (length! * inner!)), l, at % inner!);
    const zero = options.zero_point ? integer(inputs.zero_point!, scale) : 0;
    y[at] = round((integer(inputs.x!, at) - zero) * inputs.scale![scale]!);
  });
  return { y };
};
