import { testKernel } from '@tilewright/tooling/test-kernel';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { checkPlans } from '@tilewright/kernels';
import { runKernel } from '@tilewright/runtime';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { prefixSum, runningMaximum } from './index.ts';

testKernel(check);

test.skipIf(testProfile.compileOnly)(
  'integers wrap around, and before the first one there is the identity',
  async () => {
    const { device, dispose } = await openTestDevice();
    const x = device.tensor([1, 3, 1], Int32Array.of(2 ** 31 - 1, 1, -5));
    const options = { exclusive: true };
    const sums = await runKernel(device, prefixSum, {
      inputs: { x },
      dtypes: { x: 'i32', y: 'i32' },
      options,
    });
    expect([...(await sums.y.read())]).toEqual([0, 2 ** 31 - 1, -(2 ** 31)]);
    const slots = { combine: runningMaximum };
    const most = await runKernel(device, prefixSum, {
      inputs: { x },
      dtypes: { x: 'i32', y: 'i32' },
      options,
      slots,
    });
    expect([...(await most.y.read())]).toEqual([-(2 ** 31), 2 ** 31 - 1, 2 ** 31 - 1]);
    const floats = device.tensor([1, 2, 1], [-3, 5]);
    const largest = await runKernel(device, prefixSum, { inputs: { x: floats }, options, slots });
    expect([...(await largest.y.read())]).toEqual([-Infinity, -3]);
    dispose();
  },
);

test('types that differ are refused', async () => {
  const { capabilities, dispose } = await openTestDevice();
  const problem = prefixSum.problem({ axes: { batch: 1, tokens: 2, channels: 1 }, dtypes: { x: 'u32' } });
  expect(() => checkPlans(prefixSum, problem, capabilities)).toThrowError(
    'x is u32 and y f32: both are floats, or of one type',
  );
  dispose();
});
