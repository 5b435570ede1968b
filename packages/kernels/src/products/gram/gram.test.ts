import { bindKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { gram } from './index.ts';

testKernel(check);

test.skipIf(testProfile.compileOnly)(
  'chunks add up to the whole, fewer rows than planned included',
  async () => {
    const { device, dispose } = await openTestDevice();
    const [rows, k] = [24, 12];
    const values = Float32Array.from({ length: rows * k }, (_, i) => ((i * 37) % 19) - 9);
    const x = device.tensor([16, k]);
    const sums = device.tensor([k, k]);
    const bound = await bindKernel(device, gram, { inputs: { x }, outputs: { gram: sums } });
    for (const [from, to] of [
      [0, 16],
      [16, 24],
    ] as const) {
      x.write(Float32Array.from({ length: 16 * k }, (_, i) => values[from * k + i] ?? NaN));
      bound.run({ rows: to - from });
    }
    const want = Array.from({ length: k * k }, (_, at) => {
      let sum = 0;
      for (let row = 0; row < rows; row++)
        sum += values[row * k + Math.floor(at / k)]! * values[row * k + (at % k)]!;
      return sum;
    });
    expect([...((await sums.read()) as Float32Array)]).toEqual(want);
    dispose();
  },
);
