// The measure, and what it is for: ProbSparse attention as a composition of kernels.
import { normalNumbers } from '@tilewright/kernels';
import { allKeys, listedKeys } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { gatherAttention } from '@tilewright/kernels/gather-attention';
import { topK } from '@tilewright/kernels/top-k';
import { valueMeans } from '@tilewright/kernels/value-means';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { querySparsity } from './index.ts';

testKernel(check);

const [batch, tokens, heads, size, samples] = [2, 48, 3, 8, 20];
const numbers = {
  q: normalNumbers(batch * tokens * heads * size, 1).map((x) => 2 * x),
  k: normalNumbers(batch * tokens * heads * size, 2),
  v: normalNumbers(batch * tokens * heads * size, 3),
};
/** Every query's samples of the keys, the same for all heads. */
const lists = Uint32Array.from({ length: tokens * samples }, (_, i) => (i * i * 7 + 3 * i) % tokens);

// SwiftShader gets its share by the kernel's own cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('ProbSparse attention', () => {
  /** Full attention for the `active` queries of the largest measures of each head, means of values for the others. */
  async function probSparse(active: number, causal: boolean) {
    const { device, dispose } = await openTestDevice();
    const inputs = {
      q: device.tensor([batch, tokens, heads, size], numbers.q),
      k: device.tensor([batch, heads, tokens, size], numbers.k),
    };
    const v = device.tensor([batch, heads, tokens, size], numbers.v);
    const { measure } = await runKernel(device, querySparsity, {
      inputs: { ...inputs, 'select.keys': device.tensor([1, 1, tokens, samples], lists) },
      slots: { select: listedKeys({ batch: false, heads: 1 }) },
      axes: { selected: samples },
    });
    const { ids } = await runKernel(device, topK, {
      inputs: { x: { ...measure, shape: [batch * heads, tokens] } },
      axes: { k: active },
    });
    const { y } = await runKernel(device, valueMeans, {
      inputs: { v },
      options: { of: causal ? 'running-mean' : 'mean' },
      axes: { queries: tokens, heads },
    });
    await runKernel(device, gatherAttention, {
      inputs: { ...inputs, v, chosen: { ...ids, shape: [batch, heads, active] } },
      outputs: { y },
      slots: { select: allKeys },
      options: { rows: 'chosen', causal },
      axes: { selected: tokens },
    });
    const dense = await runKernel(device, flashAttention, { inputs: { ...inputs, v }, options: { causal } });
    const result = { y: await y.read(), ids: await ids.read(), dense: await dense.y.read() };
    dispose();
    return result;
  }

  test.each([false, true])('with all queries active it is full attention, causal: %s', async (causal) => {
    const { y, dense } = await probSparse(tokens, causal);
    expect(Math.max(...dense)).toBeGreaterThan(0.5);
    expect(Math.max(...dense.map((value, i) => Math.abs(value - y[i]!)))).toBeLessThan(2e-6);
  });

  test.each([false, true])(
    'active rows are those of full attention, the others means, causal: %s',
    async (causal) => {
      const active = 7;
      const { y, ids, dense } = await probSparse(active, causal);
      expect((await probSparse(active, causal)).y).toEqual(y);
      let [lazy, worst] = [0, 0];
      for (let b = 0; b < batch; b++)
        for (let head = 0; head < heads; head++) {
          const row = b * heads + head;
          const chosen = new Set(ids.subarray(row * active, (row + 1) * active));
          expect(chosen.size).toBe(active);
          for (let query = 0; query < tokens; query++)
            for (let channel = 0; channel < size; channel++) {
              const at = ((b * tokens + query) * heads + head) * size + channel;
              const last = causal ? query : tokens - 1;
              let sum = 0;
              for (let key = 0; key <= last; key++) sum += numbers.v[(row * tokens + key) * size + channel]!;
              const want = chosen.has(query) ? dense[at]! : sum / (last + 1);
              worst = Math.max(worst, Math.abs(y[at]! - want));
              if (!chosen.has(query)) lazy++;
            }
        }
      expect(lazy).toBe(batch * heads * (tokens - active) * size);
      expect(worst).toBeLessThan(2e-6);
    },
  );
});
