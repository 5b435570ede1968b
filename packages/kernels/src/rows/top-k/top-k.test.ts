import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { topK } from './index.ts';

testKernel(check);

test('a k beyond the row is refused', () => {
  expect(() => checkProblem(topK, { axes: { rows: 1, columns: 5, k: 6 } })).toThrowError(
    '[top-k] k is 6 for rows of 5; k is at most the length of a row. Fix: choose a smaller k.',
  );
});

// SwiftShader gets its share by the cases; the null adapter runs nothing.
test.skipIf(testProfile.compileOnly || testProfile.subset)(
  'rows of millions are read to their end',
  async () => {
    const columns = 4_300_003;
    const data = new Float32Array(columns);
    data.set([1, 2], columns - 2);
    const opened = await openTestDevice();
    try {
      const { ids } = await runKernel(opened.device, topK, {
        inputs: { x: opened.device.tensor([1, columns], data) },
        axes: { k: 65 },
      });
      const firstZeros = Array.from({ length: 63 }, (_, i) => i);
      expect([...(await ids.read())]).toEqual([columns - 1, columns - 2, ...firstZeros]);
    } finally {
      opened.dispose();
    }
  },
);
