import type { OperatorMeaning } from '../meaning.ts';
import { multiplied, weightAt } from './broadcast-weights.ts';
import { transformLines } from './fourier-meaning.ts';
import { spectralFilter } from './spectral-filter.ts';

export const spectralFilterMeaning: OperatorMeaning = {
  operator: spectralFilter,
  meaning: ({ attributes, value, shape }) => {
    const sizes = shape('x');
    const axes = (attributes.axes as readonly number[]).map((axis) => (axis + sizes.length) % sizes.length);
    const real = axes.at(-1)!;
    const length = sizes[real]!;
    const spectrum = sizes.with(real, Math.floor(length / 2) + 1);
    const along = (axis: number, sign: number, x: Float64Array): Float64Array =>
      transformLines({
        x,
        shape: spectrum,
        axis,
        size: sizes[axis]!,
        bins: sizes[axis]!,
        from: 'complex',
        to: 'complex',
        sign,
        scale: sign > 0 ? 1 / sizes[axis]! : 1,
      });
    let z = transformLines({
      x: value('x'),
      shape: sizes,
      axis: real,
      size: length,
      bins: spectrum[real]!,
      from: 'real',
      to: 'complex',
      sign: -1,
      scale: 1,
    });
    for (const axis of axes.slice(0, -1)) z = along(axis, -1, z);
    const filtered = new Float64Array(z.length);
    for (let at = 0; at < z.length / 2; at++)
      filtered.set(
        multiplied([z[2 * at]!, z[2 * at + 1]!], weightAt(value('W'), shape('W'), spectrum, at)),
        2 * at,
      );
    z = filtered;
    for (const axis of axes.slice(0, -1)) z = along(axis, 1, z);
    return {
      y: transformLines({
        x: z,
        shape: spectrum,
        axis: real,
        size: length,
        bins: length,
        from: 'half',
        to: 'real',
        sign: 1,
        scale: 1 / length,
      }),
    };
  },
};
