import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { runKernel } from '@tilewright/runtime';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { fft } from './index.ts';
import { fftForm, fftLoads, fftTable } from './table.ts';

testKernel(check);

const problem = (
  size: number,
  axes: Readonly<Record<string, number>> = { entries: 2 * fftForm(size).entries },
  options = {},
) => ({
  axes: {
    outer: 1,
    inner: 1,
    size,
    length: size,
    bins: size,
    parts: 2,
    channels: 2,
    entries: 2 * size,
    ...axes,
  },
  options,
});

// What a sum of all elements cannot check in time: two impulses, whose transform is known.
test.skipIf(testProfile.compileOnly).each([65_537, 65_536, 131_072])(
  'the transform of two impulses among %i elements',
  async (size) => {
    const { device, dispose } = await openTestDevice();
    try {
      const places = [3, size - 7];
      const data = new Float32Array(2 * size);
      for (const place of places) data[2 * place] = 1;
      const x = device.tensor([1, size, 1, 2], data);
      const roots = device.tensor([2 * fftForm(size).entries], fftTable(size));
      const { y } = await runKernel(device, fft, { ...problem(size), inputs: { x, roots } });
      const got = await y.read();
      let worst = 0;
      for (let k = 0; k < size; k++) {
        const angles = places.map((place) => (-2 * Math.PI * ((place * k) % size)) / size);
        const want = [Math.cos, Math.sin].map((of) => angles.reduce((sum, angle) => sum + of(angle), 0));
        want.forEach((value, part) => (worst = Math.max(worst, Math.abs(got[2 * k + part]! - value))));
      }
      expect(got.length).toBe(2 * size);
      expect(worst).toBeLessThan(4e-6);
    } finally {
      dispose();
    }
  },
);

test('lengths: whole to 2,048 points, then two parts, then a chirp', () => {
  const parts = (size: number) => fftForm(size).fourier.parts.map((part) => part.size);
  expect([1, 2048, 4096, 65_536, 2187].map(parts)).toEqual([[1], [2048], [64, 64], [256, 256], [81, 27]]);
  expect(fftForm(1021).fourier.size).toBe(2048);
  expect(fftForm(65_537).chirp).toBeDefined();
});

test.each([
  [1021, 1024],
  [4093, 4096],
  [65_537, 131_072],
])('the prime %i takes at most 8 times the loads of %i', (prime, power) => {
  const ratio = fftLoads(prime) / fftLoads(power);
  expect(ratio).toBeGreaterThan(1);
  expect(ratio).toBeLessThan(8);
});

test.each([
  [
    problem(4_194_301, { entries: 2 }),
    '[fft] a line has 4194301 points; plans reach 4194304, and half of that where a prime above 7 divides the length. Fix: transform shorter parts.',
  ],
  [
    problem(8, { entries: 12 }),
    '[fft] the table has 12 numbers; one for 8 points has 16. Fix: give fftTable(8).',
  ],
  [problem(8, { parts: 3 }), '[fft] parts is 3; numbers are real (1) or complex (2). Fix: give 1 or 2.'],
  [
    problem(8, { length: 6 }, { half: true }),
    '[fft] half a spectrum has 6 bins of 2 numbers; of 8 points it has at most 5, which are complex. Fix: give that many, or leave half out.',
  ],
  [
    problem(11, { entries: 106 }, { turns: 'round' }),
    '[fft] there and back is asked for 11 points; it begins with the transform, of a length without a prime above 7. Fix: call twice, once for each way.',
  ],
  [
    {
      axes: {
        outer: 1,
        frames: 4,
        samples: 20,
        step: 5,
        size: 8,
        length: 8,
        bins: 8,
        parts: 1,
        channels: 2,
        entries: 16,
      },
      options: { framed: true },
    },
    '[fft] 4 windows of 8 samples, 5 apart, look at 23 samples; a row has 20. Fix: give fewer windows.',
  ],
])('%j is refused', (input, message) => {
  expect(() => fft.problem(input)).toThrow(message);
});
