import type { OperatorMeaning } from '../meaning.ts';
import { multiplied, weightAt } from './broadcast-weights.ts';
import { transformLines } from './fourier-meaning.ts';
import type { Numbers } from './fourier-request.ts';
import { fourierTransform } from './fourier-transform.ts';

export const fourierTransformMeaning: OperatorMeaning = {
  operator: fourierTransform,
  meaning: ({ attributes, has, value, shape }) => {
    const [from, size, bins] = [attributes.from as Numbers, Number(attributes.size), Number(attributes.bins)];
    const lines = from === 'real' ? shape('x') : shape('x').slice(0, -1);
    const axis = (Number(attributes.axis) + lines.length) % lines.length;
    const isRound = attributes.round === 1;
    const isHalf = from === 'half' || (isRound && from === 'real');
    const inner = lines.slice(axis + 1).reduce((product, each) => product * each, 1);
    const rows = isHalf ? Math.floor(size / 2) + 1 : isRound ? size : lines[axis]!;
    const filter = (line: number, k: number, z: readonly [number, number]): readonly [number, number] => {
      const beyond = isHalf && 2 * k > size;
      const at = (Math.floor(line / inner) * rows + (beyond ? size - k : k)) * inner + (line % inner);
      const [re, im] = weightAt(value('W'), shape('W'), lines.with(axis, rows), at);
      const turned = multiplied(z, [re, beyond ? -im : im]);
      return isHalf && (k === 0 || 2 * k === size) ? [turned[0], 0] : turned;
    };
    const impulse = (
      line: number,
      n: number,
      [re, im]: readonly [number, number],
    ): readonly [number, number] =>
      n === Number(attributes.place) && line < inner ? [re + value('impulse')[line]!, im] : [re, im];
    return {
      y: transformLines({
        x: value('x'),
        shape: lines,
        axis,
        size,
        bins,
        from,
        to: attributes.to as 'real' | 'complex',
        sign: attributes.inverse === 1 ? 1 : -1,
        scale: Number(attributes.scale),
        ...(isRound && {
          between: has('W') ? filter : (_: number, __: number, z: readonly [number, number]) => z,
        }),
        first: Number(attributes.first),
        ...(!isRound && has('W') && { front: filter }),
        ...(has('impulse') && { front: impulse }),
        ...(attributes.taken !== null && {
          front: (_: number, n: number, z: readonly [number, number]) =>
            n < Number(attributes.taken) ? z : ([0, 0] as const),
        }),
      }),
    };
  },
};
