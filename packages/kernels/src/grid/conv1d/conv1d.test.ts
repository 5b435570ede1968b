import { normalNumbers } from '@tilewright/kernels';
import { runKernel } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { interleaved, plainAttention, rowsOfHead } from '@tilewright/tooling/plain-attention';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { batchedMatmul, batchedMatmulAxes } from '../../products/batched-matmul/index.ts';
import { flashAttention } from '../../attention/flash-attention/index.ts';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { conv1d, convolvedTokens } from './index.ts';

testKernel(check);

const expectClose = expectWithin(3e-6);

// SwiftShader gets its share by the cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`conv1d (${testProfile.name})`, () => {
  // Speechformer: keys and values shortened by chi, queries at full length.
  test('attention to shortened keys and values: formula; chi = 1 with the identity is full attention', async () => {
    const { device, dispose } = await openTestDevice();
    const [tokens, heads, size, window] = [23, 2, 8, 3];
    const width = heads * size;
    const [q, xk, xv] = [1, 2, 3].map((seed) => normalNumbers(tokens * width, seed));
    const tensor = (data: Float32Array, rows = tokens) => device.tensor([1, rows, width], data);
    const attend = async (chi: number, weight: Float32Array) => {
      const options = { stride: chi, padding: 1 };
      const keys = convolvedTokens(tokens, window, options);
      const shortened = async (x: Float32Array) => {
        const { y } = await runKernel(device, conv1d, {
          inputs: { x: tensor(x), weight: device.tensor([window, width, width], weight) },
          axes: { out_tokens: keys },
          options,
        });
        return { ...y, shape: [1, keys, heads, size] };
      };
      const { y } = await runKernel(device, flashAttention, {
        inputs: {
          q: device.tensor([1, tokens, heads, size], q!),
          k: await shortened(xk!),
          v: await shortened(xv!),
        },
      });
      return { y: await y.read(), keys };
    };
    const rowsOf = (x: ArrayLike<number>): number[][][] =>
      Array.from({ length: heads }, (_, head) => rowsOfHead(x, heads, size, head));

    const weight = normalNumbers(window * width * width, 4).map((value) => value / 8);
    const convolved = (x: Float32Array, stride: number): number[] =>
      Array.from({ length: Math.ceil(tokens / stride) * width }, (_, i) => {
        let sum = 0;
        for (let tap = 0; tap < window; tap++) {
          const token = Math.floor(i / width) * stride + tap - 1;
          if (token < 0 || token >= tokens) continue;
          for (let c = 0; c < width; c++)
            sum += x[token * width + c]! * weight[(tap * width + c) * width + (i % width)]!;
        }
        return sum;
      });
    const short = await attend(4, weight);
    expect(short.keys).toBe(Math.ceil(tokens / 4));
    const [k, v] = [rowsOf(convolved(xk!, 4)), rowsOf(convolved(xv!, 4))];
    expectClose(
      short.y,
      interleaved(rowsOf(q!).map((rows, head) => plainAttention(rows, k[head]!, v[head]!))),
    );

    const identity = Float32Array.from({ length: window * width * width }, (_, i) =>
      Math.floor(i / width / width) === 1 && Math.floor(i / width) % width === i % width ? 1 : 0,
    );
    const whole = await attend(1, identity);
    expect(whole.keys).toBe(tokens);
    const [wholeK, wholeV] = [rowsOf(xk!), rowsOf(xv!)];
    expectClose(
      whole.y,
      interleaved(rowsOf(q!).map((rows, head) => plainAttention(rows, wholeK[head]!, wholeV[head]!))),
    );
    dispose();
  });

  // Windows that do not overlap are rows of a matrix as they lie there; overlapping ones are no memory order.
  test('a stride of one window equals batched-matmul in place', async () => {
    const { device, dispose } = await openTestDevice();
    const [batch, tokens, window, channels, out] = [2, 15, 3, 8, 12];
    const x = normalNumbers(batch * tokens * channels, 5);
    const weight = normalNumbers(window * channels * out, 6);
    const { y } = await runKernel(device, conv1d, {
      inputs: {
        x: device.tensor([batch, tokens, channels], x),
        weight: device.tensor([window, channels, out], weight),
      },
      axes: { out_tokens: tokens / window },
      options: { stride: window },
    });
    const product = await runKernel(device, batchedMatmul, {
      inputs: { a: device.tensor([x.length], x), b: device.tensor([weight.length], weight) },
      axes: batchedMatmulAxes(
        { batch, m: tokens / window, n: out, k: window * channels },
        { b_strides: 'kn' },
      ),
      options: { b_strides: 'kn' },
    });
    expectClose(await product.y.read(), await y.read());
    dispose();
  });
});

const axes = { batch: 1, tokens: 12, out_tokens: 12, window: 3, in_channels: 4, out_channels: 4 };
test('options and counts that do not fit are refused', () => {
  expect(() => checkProblem(conv1d, { axes, options: { stride: 2, padding: 1 } })).toThrowError(
    '[conv1d] there are 12 out_tokens; 12 tokens, a window of 3 and these options leave 6. Fix: take out_tokens from ' +
      'convolvedTokens.',
  );
  expect(() => checkProblem(conv1d, { axes, options: { stride: 0 } })).toThrowError(
    "[conv1d] option 'stride' is 0; it is an integer from 1 up to 16777215. Fix: give stride such a number.",
  );
  expect(() =>
    checkProblem(conv1d, { axes: { ...axes, out_tokens: 1 }, options: { stride: 2 ** 33 } }),
  ).toThrowError(
    "[conv1d] option 'stride' is 8589934592; it is an integer from 1 up to 16777215. Fix: give stride such a number.",
  );
  expect(() => checkProblem(conv1d, { axes: { ...axes, window: 13 } })).toThrowError(
    '[conv1d] there are 12 out_tokens; 12 tokens, a window of 13 and these options leave 0. Fix: take out_tokens from ' +
      'convolvedTokens.',
  );
  expect(() => convolvedTokens(12.5, 3)).toThrowError(
    '[conv1d] tokens is 12.5; it is an integer from 0 up. Fix: give tokens such a number.',
  );
  expect(() => convolvedTokens(5, 0)).toThrowError(
    '[conv1d] window is 0; it is an integer from 1 up. Fix: give window such a number.',
  );
});
