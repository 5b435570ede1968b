import { testKernel } from '@tilewright/tooling/test-kernel';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { baselineCapabilities } from '../../contract/capabilities.ts';
import { checkPlans } from '../../contract/check-plans.ts';
import { normalStream } from '../../numbers/philox.ts';
import { randomWeight } from '../../weight-registry.ts';
import { dense } from '../../weights/dense/format.ts';
import { integer } from '../../weights/integer/format.ts';
import { matmul } from '../matmul/index.ts';
import { roundedActivations, stepOf } from '../matmul-int8/reference.ts';
import { check } from './check.ts';
import { matmulInt8Tokens, withInt8Tokens } from './index.ts';

testKernel(check);

const axes = { batch: 1, m: 6, n: 24, k: 64 };

test('a row has one step, which its largest element makes', () => {
  const a = Float64Array.from({ length: 64 }, (_, i) => (i === 40 ? 12.7 : 0.05));
  const rounded = roundedActivations(a, 64, (value) => value, 64);
  const step = stepOf(Math.fround(12.7));
  expect(step).toBeGreaterThan(0.1 - 1e-9);
  // What is less than half a step is gone, wherever it stands.
  expect(new Set(rounded)).toEqual(new Set([0, 127 * step]));
});

test('no other kernel multiplies by the format', () => {
  const formats = { b: withInt8Tokens(integer({ bits: 8, group: 'row' })) };
  expect(
    checkPlans(matmulInt8Tokens, matmulInt8Tokens.problem({ axes, formats }), baselineCapabilities),
  ).not.toEqual([]);
  expect(() => checkPlans(matmul, matmul.problem({ axes, formats }), baselineCapabilities)).toThrow(
    'weights stored as int8-row-a8 have no reader',
  );
});

test('wants weights that are codes', () => {
  expect(() => withInt8Tokens(dense('f16'))).toThrow(
    '[format f16-a8] weights stored as f16 have no integer codes for int8 activations to meet; they are integers in groups of a multiple ' +
      'of 32 columns or rows, with scales in f16 or bf16. Fix: round the weight to such integers first.',
  );
});

describe.skipIf(testProfile.compileOnly)('on a device', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  test('with packed dot products and without, the bits are the same', async () => {
    const { device, capabilities } = opened;
    const sizes = { batch: 1, m: 5, n: 40, k: 160 };
    const format = withInt8Tokens(integer({ bits: 4 }));
    const normal = normalStream(3);
    const inputs = {
      a: device.tensor(
        [1, 5, 160],
        Float32Array.from({ length: 800 }, () => normal()),
      ),
      b: device.weight(randomWeight(format, [40, 160], normal)),
    };
    const problem = matmulInt8Tokens.problem({ axes: sizes, formats: { b: format } });
    const results = new Map<string, Uint32Array>();
    for (const plan of matmulInt8Tokens.plans(problem, capabilities)) {
      const { y } = await runKernel(device, matmulInt8Tokens, { inputs, plan });
      results.set(String(plan['variant']), new Uint32Array(Float32Array.from(await y.read()).buffer));
    }
    const packed = capabilities.features.has('packed_4x8_integer_dot_product') ? ['packed'] : [];
    expect([...results.keys()]).toEqual([...packed, 'baseline']);
    for (const bits of results.values()) expect(bits).toEqual(results.get('baseline'));
  });
});
