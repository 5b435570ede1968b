import { check } from '@tilewright/kernels/gated-scan/check';
import { expect, test } from 'vitest';
import { drawCase } from './draw-case.ts';
import { judgePart } from './part-oracle.ts';

const drawn = drawCase(check, { axes: { batch: 2, tokens: 5, channels: 7 } });
const whole = check.reference({
  axes: drawn.problem.axes,
  scalars: {},
  uniforms: {},
  options: drawn.problem.options,
  inputs: Object.fromEntries(drawn.tensors.map(({ name, exact }) => [name, exact])),
  slots: {},
  round: (value) => value,
}).h!;
const sample = { channels: [1, 6] };

test('some channels of a result are held against the oracle of those channels', () => {
  const { error, allowed } = judgePart(drawn, sample, whole);
  expect(error).toBe(0);
  expect(allowed).toBeGreaterThan(0);
  expect(allowed).toBeLessThan(1e-5);
});

test('what is wrong or not a number there is found, and what is elsewhere is not looked at', () => {
  const changed = (place: number, value: number) =>
    judgePart(
      drawn,
      sample,
      whole.map((each, i) => (i === place ? value : each)),
    ).error;
  const [first, last, other] = [1, 7 * 9 + 6, 2];
  expect(changed(first, whole[first]! + 0.5)).toBeGreaterThan(0.01);
  expect(changed(last, NaN)).toBe(Infinity);
  expect(changed(other, NaN)).toBe(0);
});
