import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { crossEntropyReference } from './reference.ts';

testKernel(check);

test('the oracle divergence is the definition', () => {
  const logits = Float64Array.of(0.3, -1.2, 2.5, 0.1);
  const reference = Float64Array.of(0.5, -1, 1.5, 3);
  const { kl, loss } = crossEntropyReference({
    axes: { rows: 1, vocab: 4 },
    scalars: {},
    uniforms: {},
    options: { reference: true },
    inputs: { logits, reference, targets: Float64Array.of(2) },
    slots: {},
    round: (value) => value,
  });
  const probabilities = (row: Float64Array): Float64Array => {
    const sum = row.reduce((total, value) => total + Math.exp(value), 0);
    return row.map((value) => Math.exp(value) / sum);
  };
  const [p, q] = [probabilities(reference), probabilities(logits)];
  expect(kl![0]).toBeCloseTo(
    p.reduce((sum, value, i) => sum + value * Math.log(value / q[i]!), 0),
    14,
  );
  expect(loss![0]).toBeCloseTo(-Math.log(q[2]!), 14);
});
