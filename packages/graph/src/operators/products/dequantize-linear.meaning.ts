import type { OperatorMeaning } from '../meaning.ts';
import { dequantizeLinear } from './dequantize-linear.ts';

export const dequantizeLinearMeaning: OperatorMeaning = {
  operator: dequantizeLinear,
  meaning: ({ attributes, has, value, shape }) => {
    const [x, scale, sizes] = [value('x'), value('x_scale'), shape('x')];
    const zero = has('x_zero_point') ? value('x_zero_point') : new Float64Array(scale.length);
    const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
    const block = Number(attributes.block_size);
    const length = sizes[axis] ?? 1;
    const inner = sizes.slice(axis + 1).reduce((product, size) => product * size, 1);
    const scaleOf = (i: number): number => {
      if (scale.length === 1) return 0;
      const along = Math.floor(i / inner) % length;
      if (block === 0) return along;
      const blocks = Math.ceil(length / block);
      return (Math.floor(i / inner / length) * blocks + Math.floor(along / block)) * inner + (i % inner);
    };
    return {
      y: x.map((each, i) => (each - zero[scaleOf(i)]!) * scale[scaleOf(i)]!),
    };
  },
};
