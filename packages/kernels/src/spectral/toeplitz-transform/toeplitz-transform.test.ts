import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { evaluate } from '../../contract/extent.ts';
import { check } from './check.ts';
import { toeplitzTransform } from './index.ts';

testKernel(check);

const axes = {
  batch: 1,
  tokens: 4,
  keys: 4,
  heads: 1,
  key_heads: 1,
  features: 2,
  value_size: 2,
  bias_heads: 1,
  size: 8,
  span: 7,
  numbers: 16,
  entries: 16,
};

test.each([
  [
    { size: 11 },
    '[toeplitz-transform] size is 11; it has a plan: no prime above 7, parts of at most 2,048. Fix: give fftSize(size).',
  ],
  [
    { numbers: 12 },
    '[toeplitz-transform] the spectrum has 12 numbers and the table 16; of 8 points they have 16 and 16. Fix: give toeplitzRoots(8), and a complex spectrum.',
  ],
  [
    { keys: 6 },
    '[toeplitz-transform] size is 8 with 4 tokens, 6 keys and a span of 7; a span is odd, and its half and the larger number fit into the size. Fix: give an odd span, and a size of 9 or more.',
  ],
])('%j is refused', (changed, message) => {
  expect(() => toeplitzTransform.problem({ axes: { ...axes, ...changed } })).toThrow(message);
});

test('columns go in turns of at most 64 MiB, whatever the length', () => {
  const input = check.workloads.at(-1)!;
  const problem = toeplitzTransform.problem({ axes: input.axes, ...(input.slots && { slots: input.slots }) });
  const { scratch, dispatches } = toeplitzTransform.program(problem, { variant: 'baseline', workgroup: 64 });
  const bytes = scratch.map(({ name, sizeBytes }) =>
    name === 'norms' ? 0 : evaluate(sizeBytes, input.axes),
  );
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(2 ** 26 + 4);
  // 12 heads of 33 pairs of columns, 10 at a time; three passes, two sums and a step each.
  expect(dispatches.length).toBe(1 + 6 * Math.ceil((12 * 33) / 10));
});
