import { normalStream } from '@tilewright/kernels';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { attentionWeights } from './index.ts';

testKernel(check);

// SwiftShader gets its share above; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(
  `attention-weights (${testProfile.name})`,
  () => {
    test('scores that are not seen are -Infinity, and a row without keys has weights of zero', async () => {
      const { device, dispose } = await openTestDevice();
      const [queries, keys, size] = [5, 3, 4];
      const normal = normalStream(4);
      const draw = (count: number): Float32Array<ArrayBuffer> =>
        Float32Array.from({ length: count * size }, () => normal());
      const [q, k] = [draw(queries), draw(keys)];
      const inputs = {
        q: device.tensor([1, queries, 1, size], q),
        k: device.tensor([1, keys, 1, size], k),
      };
      const scoresAt = async (stage: string): Promise<Float32Array> => {
        const { scores } = await runKernel(device, attentionWeights, {
          inputs,
          options: { stage, causal: true },
        });
        return (await scores.read()) as Float32Array;
      };
      const [raw, bias, weights] = [await scoresAt('raw'), await scoresAt('bias'), await scoresAt('weights')];
      for (let query = 0; query < queries; query++)
        for (let key = 0; key < keys; key++) {
          const at = query * keys + key;
          const product = [0, 1, 2, 3].reduce((sum, c) => sum + q[query * size + c]! * k[key * size + c]!, 0);
          expect(raw[at]).toBeCloseTo(product / 2, 5);
          // The last query stands at the last key, so the first two stand before the first.
          expect(bias[at]).toBe(key <= query - 2 ? raw[at]! : -Infinity);
        }
      expect([...weights.subarray(0, 2 * keys)]).toEqual(Array(2 * keys).fill(0));
      for (let query = 2; query < queries; query++)
        expect(
          weights.subarray(query * keys, (query + 1) * keys).reduce((sum, each) => sum + each, 0),
        ).toBeCloseTo(1, 5);
      dispose();
    });
  },
);
