// Cross-attention under its names: latents, anchors, class tokens. No kernel of their own: what users rely on is tested here.
import { normalNumbers } from '@tilewright/kernels';
import { bindKernel, runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeAttention } from './decode-attention/index.ts';
import { flashAttention } from './flash-attention/index.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Numbers = Float32Array<ArrayBuffer>;
const expectClose = expectWithin(2e-6);
const [heads, size] = [4, 16];
const row = heads * size;
const tensor = (shape: readonly number[], data?: Numbers): Tensor => opened.device.tensor([...shape], data);
const keysAndValues = (keys: number): Record<'k' | 'v', Tensor> => ({
  k: tensor([1, keys, heads, size], normalNumbers(heads * keys * size, 2)),
  v: tensor([1, keys, heads, size], normalNumbers(heads * keys * size, 3)),
});

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(
  `cross-attention (${testProfile.name})`,
  () => {
    test('Perceiver: one bound kernel runs with any number of latents, and some of them get what they get among all', async () => {
      const [latents, frames] = [48, 200];
      const pool = normalNumbers(latents * row, 1);
      const inputs = { ...keysAndValues(frames), q: tensor([1, latents, heads, size], pool) };
      const bound = await bindKernel(opened.device, flashAttention, { inputs });
      bound.run();
      const whole = (await bound.outputs.y.read()) as Numbers;
      for (const count of [1, 7, 33]) {
        inputs.q.write(pool);
        bound.outputs.y.write(new Float32Array(latents * row));
        bound.run({ queries: count });
        const some = (await bound.outputs.y.read()) as Numbers;
        expect(some.subarray(0, count * row)).toEqual(whole.subarray(0, count * row));
        // Nothing is computed for those that are left out.
        expect(some.subarray(count * row).every((value) => value === 0)).toBe(true);
      }
      // Any others of the pool, gathered to its front.
      const gathered = [41, 3, 17, 30, 5];
      const front = pool.slice();
      gathered.forEach((latent, place) =>
        front.set(pool.subarray(latent * row, (latent + 1) * row), place * row),
      );
      inputs.q.write(front);
      bound.run({ queries: gathered.length });
      const some = (await bound.outputs.y.read()) as Numbers;
      gathered.forEach((latent, place) =>
        expect(some.subarray(place * row, (place + 1) * row)).toEqual(
          whole.subarray(latent * row, (latent + 1) * row),
        ),
      );
      bound.dispose();
    });

    test('anchors: any number of queries in chunks of any size, the same bits from one bound kernel', async () => {
      const [points, anchors, most] = [301, 90, 128];
      const queries = normalNumbers(points * row, 1);
      // Projected once; no query changes what they hold.
      const anchored = keysAndValues(anchors);
      const chunk = tensor([1, most, heads, size]);
      const bound = await bindKernel(opened.device, flashAttention, { inputs: { ...anchored, q: chunk } });
      const predict = async (count: number): Promise<Numbers> => {
        const all = new Float32Array(points * row);
        for (let from = 0; from < points; from += count) {
          const to = Math.min(from + count, points);
          const padded = new Float32Array(most * row);
          padded.set(queries.subarray(from * row, to * row));
          chunk.write(padded);
          bound.run({ queries: to - from });
          all.set(((await bound.outputs.y.read()) as Numbers).subarray(0, (to - from) * row), from * row);
        }
        return all;
      };
      const want = await predict(most);
      for (const count of [1, 37, 100]) expect(await predict(count)).toEqual(want);
      bound.dispose();
      // Planned for another number of queries, tiles may differ, and with them the last bits.
      const { y } = await runKernel(opened.device, flashAttention, {
        inputs: { ...anchored, q: tensor([1, points, heads, size], queries) },
      });
      expectClose(await y.read(), want);
    });

    test('CrossViT: one class token over the patches of another branch is row 0 of dense attention, split or not', async () => {
      const patches = 1500;
      const others = keysAndValues(patches);
      const data = normalNumbers(9 * row, 1);
      const dense = await runKernel(opened.device, flashAttention, {
        inputs: { ...others, q: tensor([1, 9, heads, size], data) },
      });
      const want = (await dense.y.read()).subarray(0, row);
      const inputs = { ...others, q: tensor([1, 1, heads, size], data.slice(0, row)) };
      const problem = decodeAttention.problem({
        axes: {
          batch: 1,
          queries: 1,
          keys: patches,
          heads,
          kv_heads: heads,
          head_size: size,
          value_size: size,
        },
      });
      const plans = decodeAttention.plans(problem, opened.capabilities);
      const split = plans.find((plan) => Number(plan.splits) > 1)!;
      const whole = plans.find((plan) => plan.splits === 1)!;
      for (const plan of [split, whole]) {
        const { y } = await runKernel(opened.device, decodeAttention, { inputs, plan });
        expectClose(await y.read(), want);
      }
    });
  },
);
