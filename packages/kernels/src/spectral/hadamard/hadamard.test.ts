import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { hadamardBases, hadamardSigns } from './bases.ts';
import { check } from './check.ts';
import { hadamard } from './index.ts';
import { hadamardReference } from './reference.ts';

testKernel(check);

test.each(hadamardBases)('rows of the matrix of %i stand upright on each other', (base) => {
  const signs = hadamardSigns(base);
  const products = signs.flatMap((row) =>
    signs.map((other) => row.reduce((sum, sign, i) => sum + sign * other[i]!, 0)),
  );
  expect(products).toEqual(signs.flatMap((_, i) => signs.map((_, j) => (i === j ? base : 0))));
});

test.each([8, 24, 40])('%i elements there and back are what they were', (size) => {
  const line = Float64Array.from({ length: size }, (_, i) => i * i - 7 * i);
  const run = (x: Float64Array, inverse: boolean): Float64Array =>
    hadamardReference({
      axes: { outer: 1, size, inner: 1 },
      scalars: { scale: 1 / Math.sqrt(size) },
      uniforms: {},
      options: { inverse },
      inputs: { x },
      slots: {},
      round: (value) => value,
    }).y!;
  const back = run(run(line, false), true);
  expect(Math.max(...back.map((value, i) => Math.abs(value - line[i]!)))).toBeLessThan(1e-11);
});

test('a size without a matrix is refused', () => {
  expect(() => hadamard.problem({ axes: { outer: 1, size: 28, inner: 1 } })).toThrow(
    '[hadamard] a line has 28 elements; they must be 1, 12, 20 times a power of two that two passes transform. Fix: transform blocks of such a size, or add zeros.',
  );
});
