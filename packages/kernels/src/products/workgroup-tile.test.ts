import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expectPlan } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rmsObserve } from './fillings/observe-a.ts';
import { check as gateUp } from './gate-up/check.ts';
import { check as matmul } from './matmul/check.ts';
import { dense } from '../weights/dense/format.ts';
import { integer } from '../weights/integer/format.ts';
import { nm } from '../weights/n-m/format.ts';

describe(`tiles in workgroup memory (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const axes = { batch: 1, m: 20, n: 36, k: 96 };
  // The adapters of tests run on the CPU and are not offered what is made for hardware, but can run it.
  for (const [check, format, sizes] of [
    [matmul, dense('f32'), { ...axes, m: 130, n: 67, k: 612 }],
    [matmul, integer({ bits: 4 }), { ...axes, n: 132, k: 520 }],
    [matmul, nm({ n: 2, m: 4, values: dense('f16') }), axes],
    [gateUp, integer({ bits: 8 }), { batch: 1, m: 20, f: 36, stacked: 72, k: 96 }],
  ] as const)
    test(`${check.kernel.name}, ${format.name}, ${JSON.stringify(sizes)}`, async () => {
      const input = {
        axes: { ...sizes },
        formats: { b: format },
        slots: { observe_a: rmsObserve(1e-5, sizes.k) },
      };
      const { kernel } = check;
      const hardware = { ...opened.capabilities, software: false };
      const plan = kernel.plans(kernel.problem(input), hardware)[0]!;
      expect(plan.variant).toBe('workgroup-tile');
      await expectPlan(opened, check, input, plan);
    });
});
