import { bindKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { columnMaxima } from './index.ts';

testKernel(check);

test.skipIf(testProfile.compileOnly)('chunks give what the whole gives', async () => {
  const { device, dispose } = await openTestDevice();
  const x = device.tensor([2, 4]);
  const maxima = device.tensor([4]);
  const bound = await bindKernel(device, columnMaxima, { inputs: { x }, outputs: { maxima } });
  for (const rows of [
    [1, -2, 3, -4, -5, 1, 1, 1],
    [0, 0, -7, 4, 0, 0, 0, -4.5],
  ]) {
    x.write(Float32Array.from(rows));
    bound.run({ rows: 2 });
  }
  expect([...((await maxima.read()) as Float32Array)]).toEqual([5, 2, 7, 4.5]);
  dispose();
});
