import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { normalStream } from '../../numbers/philox.ts';
import { dense } from '../../weights/dense/format.ts';
import { integer } from '../../weights/integer/format.ts';
import { linearReference } from '../reference.ts';
import { baselineCapabilities } from '../../contract/capabilities.ts';
import { checkPlans } from '../../contract/check-plans.ts';
import { check } from './check.ts';
import { matmulInt8 } from './index.ts';
import { matmulInt8Reference, roundedActivations, stepOf } from './reference.ts';

testKernel(check);

const axes = { batch: 1, m: 60, n: 24, k: 200 };
const formats = { b: integer({ bits: 4 }) };
const rows = axes.m;

const normal = normalStream(7);
const draw = (count: number): Float64Array =>
  Float64Array.from({ length: count }, () => Math.fround(normal()));
const a = draw(rows * axes.k);
const b = draw(axes.n * axes.k);

function product(reference: typeof linearReference): Float64Array {
  const { slots, options } = matmulInt8.problem({ axes, formats });
  const references = Object.fromEntries(
    Object.entries(slots).map(([name, filling]) => [name, filling.reference]),
  );
  return reference({
    axes,
    options,
    inputs: { a, b },
    slots: references,
    scalars: {},
    uniforms: {},
    round: (value) => value,
  }).y!;
}

describe('rounding to int8', () => {
  test('moves no result by more than half a step times the weights it meets', () => {
    const [exact, rounded] = [product(linearReference), product(matmulInt8Reference)];
    let squares = 0;
    for (const [at, value] of rounded.entries()) {
      const [row, column] = [Math.floor(at / axes.n), at % axes.n];
      let bound = 0;
      for (let first = 0; first < axes.k; first += 32) {
        const columns = [...Array(Math.min(32, axes.k - first)).keys()].map((i) => first + i);
        const step = stepOf(Math.max(...columns.map((i) => Math.abs(a[row * axes.k + i]!))));
        bound += (step / 2) * columns.reduce((sum, i) => sum + Math.abs(b[column * axes.k + i]!), 0);
      }
      expect(Math.abs(value - exact[at]!)).toBeLessThanOrEqual(bound);
      squares += (value - exact[at]!) ** 2;
    }
    // The largest of 32 is about 2.4 spreads: steps of 2.4 / 127, and rounding errors of a step / √12 each.
    const spread = Math.sqrt(exact.reduce((sum, value) => sum + value ** 2, 0));
    expect(Math.sqrt(squares) / spread).toBeLessThan(0.0065);
    expect(Math.sqrt(squares) / spread).toBeGreaterThan(0.0045);
  });

  test('keeps codes within int8, and next to nothing as zero', () => {
    expect(stepOf(127)).toBe(1);
    expect(stepOf(1e-31)).toBe(0);
    for (const largest of [1e-20, 0.3, 1, 3.999, 65504, 3e38]) {
      const [most, least] = roundedActivations(
        Float64Array.of(Math.fround(largest), -Math.fround(largest)),
        2,
        (v) => v,
      );
      expect(most! / stepOf(Math.fround(largest))).toBeLessThanOrEqual(127);
      expect(least! / stepOf(Math.fround(largest))).toBeGreaterThanOrEqual(-127);
    }
  });

  test('wants weights that are codes', () => {
    const problem = matmulInt8.problem({ axes, formats: { b: dense('f16') } });
    expect(() => checkPlans(matmulInt8, problem, baselineCapabilities)).toThrow(
      '[matmul-int8] no variant can run this problem on this device; weights stored as f16 have no 8-bit codes for ' +
        'int8 activations to meet. Fix: change the problem, or run it on a device that has what is missing.',
    );
  });
});
