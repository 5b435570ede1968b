import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { layerNorm } from './index.ts';

testKernel(check);

// The mean of squares minus the square of the mean would give noise, or the root of a negative number.
test.skipIf(testProfile.compileOnly)('a row far from zero keeps its digits', async () => {
  const { device, dispose } = await openTestDevice();
  const hidden = 256;
  const x = device.tensor(
    [1, hidden],
    Float32Array.from({ length: hidden }, (_, i) => 4096 + (i % 2 === 0 ? 1 : -1)),
  );
  const { y } = await runKernel(device, layerNorm, {
    inputs: { x } as never,
    options: { gain: false, bias: false },
  });
  const got = (await y.read()) as Float32Array;
  got.forEach((value, i) => expect(value).toBeCloseTo(i % 2 === 0 ? 1 : -1, 4));
  dispose();
});
