import type { Oracle } from '../../contract/check.ts';
import type { OptionValue } from '../../contract/contract.ts';
import { digitsAddress } from '../../memory/digits.ts';
import { matricesOf } from './matrices.ts';

export const matmulIntegerReference: Oracle = ({ axes, options, inputs }) => {
  const { batch, m, n, k } = axes as Record<string, number>;
  const matrixOf = (side: 'a' | 'b', row: number): number =>
    digitsAddress(matricesOf(options, side), { b: batch! }, { b: row });
  const zeroOf = (side: 'a' | 'b', matrix: number, line: number, lines: number): number => {
    if (!options[`${side}_zero_point`]) return 0;
    const per = options[`${side}_zero_per`];
    const at = per === 'tensor' ? 0 : per === 'line' ? line : matrix * lines + line;
    return byteAt(inputs[`${side}_zero_point`]!, at, options[`${side}_type`]);
  };
  const y = new Float64Array(batch! * m! * n!);
  for (let b = 0; b < batch!; b++) {
    const [first, second] = [matrixOf('a', b), matrixOf('b', b)];
    for (let row = 0; row < m!; row++)
      for (let column = 0; column < n!; column++) {
        const [aZero, bZero] = [zeroOf('a', first, row, m!), zeroOf('b', second, column, n!)];
        let sum = 0;
        for (let i = 0; i < k!; i++)
          sum +=
            (byteAt(inputs.a!, (first * m! + row) * k! + i, options.a_type) - aZero) *
            (byteAt(inputs.b!, (second * k! + i) * n! + column, options.b_type) - bZero);
        y[(b * m! + row) * n! + column] = sum;
      }
  }
  return { y };
};

/** Byte `i` of words that hold four each. */
function byteAt(words: Float64Array, i: number, type: OptionValue | undefined): number {
  const byte = (words[i >> 2]! >>> (8 * (i & 3))) & 0xff;
  return type === 'i8' ? (byte << 24) >> 24 : byte;
}
