import { bindKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { sample } from './index.ts';
import { sampleReference } from './reference.ts';

testKernel(check);

describe('what is drawn', () => {
  const logits = Float32Array.of(1, 3, 2, 0.5, -1, 2.5, -40);
  const draws = (options: Partial<Parameters<typeof sampleReference>[1]>, count = 20_000): number[] => {
    const hits = Array.from(logits, () => 0);
    for (let counter = 0; counter < count; counter++)
      hits[sampleReference(logits, { temperature: 1, topK: 0, topP: 1, seed: 1, ...options, counter })]!++;
    return hits.map((hit) => hit / count);
  };
  const softmax = (temperature: number, kept: readonly number[]): number[] => {
    const powers = logits.map((logit, i) => (kept.includes(i) ? Math.exp(logit / temperature) : 0));
    const sum = powers.reduce((a, b) => a + b);
    return Array.from(powers, (power) => power / sum);
  };
  test.each([
    ['everything', {}, softmax(1, [0, 1, 2, 3, 4, 5, 6])],
    ['a high temperature', { temperature: 2 }, softmax(2, [0, 1, 2, 3, 4, 5, 6])],
    ['the top 3', { topK: 3 }, softmax(1, [1, 2, 5])],
    ['the top 70 %', { topP: 0.7 }, softmax(1, [1, 5])],
    ['both', { topK: 3, topP: 0.9 }, softmax(1, [1, 2, 5])],
  ])('%s follows its probabilities', (_, options, want) => {
    // Four standard deviations of a frequency among 20,000.
    draws(options).forEach((frequency, i) =>
      expect(Math.abs(frequency - want[i]!)).toBeLessThanOrEqual(
        4 * Math.sqrt((want[i]! * (1 - want[i]!)) / 20_000),
      ),
    );
  });
});

test.skipIf(testProfile.compileOnly)('step after step, the kernel draws what the host draws', async () => {
  const { device, dispose } = await openTestDevice();
  const vocab = 500;
  const values = Float32Array.from({ length: vocab }, (_, i) => 3 * Math.sin(i * i));
  const logits = device.tensor([1, vocab], values);
  const options = { temperature: 0.9, topK: 200, topP: 0.97, seed: 42 };
  const uniforms = { temperature: 0.9, top_k: 200, top_p: 0.97, seed: 42, counter: 0 };
  const bound = await bindKernel(device, sample, { inputs: { logits }, uniforms });
  const [got, want]: [number[], number[]] = [[], []];
  for (let counter = 0; counter < 50; counter++) {
    bound.run({ counter });
    got.push((await bound.outputs.ids.read())[0]!);
    want.push(sampleReference(values, { ...options, counter }));
  }
  expect(got).toEqual(want);
  expect(new Set(got).size).toBeGreaterThan(20);
  dispose();
});

describe.skipIf(testProfile.compileOnly)('order is exact', () => {
  const vocabulary = (size: number, values: Readonly<Record<number, number>>, rest = 0): Float32Array => {
    const logits = new Float32Array(size).fill(rest);
    for (const [id, value] of Object.entries(values)) logits[Number(id)] = value;
    return logits;
  };
  const defaults = { temperature: 2, top_k: 0, top_p: 1, seed: 3, counter: 0 };
  const drawn = async (values: Float32Array, uniforms: Partial<typeof defaults>): Promise<Set<number>> => {
    const { device, dispose } = await openTestDevice();
    const logits = device.tensor([1, values.length], values);
    const bound = await bindKernel(device, sample, {
      inputs: { logits },
      uniforms: { ...defaults, ...uniforms },
    });
    const ids = new Set<number>();
    for (let counter = 0; counter < 24; counter++) {
      bound.run({ counter });
      const id = (await bound.outputs.ids.read())[0]!;
      const { temperature, top_k: topK, top_p: topP, seed } = { ...defaults, ...uniforms };
      expect(id).toBe(sampleReference(values, { temperature, topK, topP, seed, counter }));
      ids.add(id);
    }
    dispose();
    return ids;
  };
  test.each([
    ['a logit that is larger by less than a key', vocabulary(40, { 7: 3e-5 }), { top_k: 1 }, [7]],
    ['the same in parts', vocabulary(20_000, { 19_000: 3e-5 }), { top_k: 1 }, [19_000]],
    ['the smallest number above 0', vocabulary(40, { 9: 1e-45 }), { top_k: 1 }, [9]],
    ['the lowest of equals', vocabulary(40, {}), { top_k: 1 }, [0]],
    ['both zeros are one', vocabulary(40, { 1: 0 }, -0), { top_k: 2 }, [0, 1]],
    [
      'as many of the equals as there is room for',
      vocabulary(40, { 5: 3e-5, 30: 2e-5 }),
      { top_k: 3 },
      [0, 5, 30],
    ],
    ['a nucleus of the larger one', vocabulary(40, { 7: 3e-5 }), { top_p: 0.02 }, [7]],
    ['the first NaN', vocabulary(40, { 11: NaN, 12: NaN, 3: Infinity }), { top_k: 1 }, [11]],
    ['nothing beside NaN', vocabulary(40, { 11: -NaN, 3: Infinity, 4: 1e38 }), {}, [11]],
    ['nothing beside infinity', vocabulary(40, { 3: Infinity, 4: 3e38 }), {}, [3]],
    ['infinities alike', vocabulary(40, { 3: Infinity, 4: Infinity }), {}, [3, 4]],
    ['no token that is masked', vocabulary(40, { 3: 0, 6: 0 }, -Infinity), {}, [3, 6]],
    ['any token where all are masked', vocabulary(4, {}, -Infinity), {}, [0, 1, 2, 3]],
  ])('%s', async (_, values, uniforms, want) => {
    expect([...(await drawn(values, uniforms))].sort((a, b) => a - b)).toEqual(want);
  });
  test('a top_k of -1 or 0 keeps all', async () => {
    const logits = vocabulary(5, {});
    for (const topK of [-1, 0]) expect((await drawn(logits, { top_k: topK })).size).toBe(5);
  });
});

test('a vocabulary too large to sum is refused', () => {
  expect(() => checkProblem(sample, { axes: { rows: 1, vocab: 2 ** 19 } })).toThrowError(
    '[sample] the vocabulary has 524288 tokens; at most 524287, so that sums of weights are exact.',
  );
});
