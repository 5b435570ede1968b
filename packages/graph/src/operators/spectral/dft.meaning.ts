import type { OperatorMeaning } from '../meaning.ts';
import { dft } from './dft.ts';
import { transformLines } from './fourier-meaning.ts';

export const dftMeaning: OperatorMeaning = {
  operator: dft,
  meaning: ({ attributes, has, value, shape }) => {
    const sizes = shape('input');
    const output = shape('output');
    const axis = Number(has('axis') ? value('axis')[0] : (attributes.axis ?? -2));
    const place = (axis + sizes.length) % sizes.length;
    const inverse = attributes.inverse === 1;
    const takesHalf = inverse && attributes.onesided === 1;
    const whole = takesHalf ? output[place]! : sizes[place]!;
    const size = has('dft_length') ? value('dft_length')[0]! : whole;
    return {
      output: transformLines({
        x: value('input'),
        shape: sizes.slice(0, -1),
        axis: place,
        size,
        bins: output[place]!,
        from: sizes.at(-1) === 1 ? 'real' : takesHalf ? 'half' : 'complex',
        to: takesHalf ? 'real' : 'complex',
        sign: inverse ? 1 : -1,
        scale: inverse ? 1 / size : 1,
      }),
    };
  },
};
