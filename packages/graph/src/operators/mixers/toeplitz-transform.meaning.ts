import type { OperatorMeaning } from '../meaning.ts';
import { sums } from '../spectral/fourier-meaning.ts';
import { toeplitzSums } from './toeplitz-meaning.ts';
import { toeplitzTransform } from './toeplitz-transform.ts';

export const toeplitzTransformMeaning: OperatorMeaning = {
  operator: toeplitzTransform,
  meaning: (context) => {
    const { attributes, shape, value } = context;
    const [rows, size] = shape('spectrum') as [number, number];
    const middle = (Number(attributes.span) - 1) / 2;
    const spectrum = value('spectrum');
    // The factor of each distance of key and token, round the end.
    const factors = Array.from({ length: rows }, (_, row) => {
      const from = 2 * row * size;
      const line = Array.from({ length: size }, (__, k): [number, number] => [
        spectrum[from + 2 * k]!,
        spectrum[from + 2 * k + 1]!,
      ]);
      return sums(line, -1).map(([re]) => re);
    });
    return {
      Y: toeplitzSums(context, 'zero', (head, token, other) => {
        const row = Math.floor((head * rows) / Number(attributes.q_num_heads));
        return factors[row]![(other - token + middle + size) % size]!;
      }),
    };
  },
};
