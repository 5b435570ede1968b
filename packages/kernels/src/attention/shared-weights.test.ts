// Attention weights applied several times (Zipformer's three uses of one softmax): values that are known together are one
// tensor with longer rows, [.., values, channels], and cost one softmax; values that are known later meet the same weights
// again, to the last bit, because the kernels are deterministic.
import { normalNumbers } from '@tilewright/kernels';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expect, test } from 'vitest';
import { flashAttention } from './flash-attention/index.ts';

const [tokens, heads, size, valueSize, values] = [37, 2, 16, 12, 3];
// SwiftShader gets its share by the kernel's own cases; the null adapter runs nothing.
test.skipIf(testProfile.compileOnly || testProfile.subset)(
  'three values at once equal three computations of the weights',
  async () => {
    const { device, dispose } = await openTestDevice();
    const q = device.tensor([1, tokens, heads, size], normalNumbers(tokens * heads * size, 1));
    const k = device.tensor([1, tokens, heads, size], normalNumbers(tokens * heads * size, 2));
    const together = normalNumbers(heads * tokens * values * valueSize, 3);
    const attend = async (v: Float32Array, length: number): Promise<ArrayLike<number>> => {
      const inputs = { q, k, v: device.tensor([1, tokens, heads, length], v) };
      const { y } = await runKernel(device, flashAttention, { inputs, options: { causal: true } });
      return y.read();
    };
    /** Channels of one of the values, of rows that hold all. */
    const part = (rows: ArrayLike<number>, which: number): Float32Array =>
      Float32Array.from({ length: rows.length / values }, (_, i) => {
        const row = Math.floor(i / valueSize);
        return rows[(row * values + which) * valueSize + (i % valueSize)]!;
      });
    const all = await attend(together, values * valueSize);
    for (let which = 0; which < values; which++) {
      const alone = await attend(part(together, which), valueSize);
      const again = await attend(part(together, which), valueSize);
      expect(again).toEqual(alone);
      const got = part(all, which);
      const largest = Array.from(alone).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).toBeGreaterThan(0.5);
      expect(got.reduce((most, value, i) => Math.max(most, Math.abs(value - alone[i]!)), 0)).toBeLessThan(
        2e-6,
      );
    }
    dispose();
  },
);
