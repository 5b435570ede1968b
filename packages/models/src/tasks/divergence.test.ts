import { expect, test } from 'vitest';
import { divergence, divergenceFrom } from './divergence.ts';

/** Some logits, the same each time. */
function logitsOf(seed: number, count: number, scale: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return scale * (state / 2 ** 31 - 1);
  });
}

/** Of one position, by the definition. */
function klOf(p: readonly number[], q: readonly number[]): number {
  const logs = (row: readonly number[]): number[] => {
    const sum = Math.log(row.reduce((total, value) => total + Math.exp(value), 0));
    return row.map((value) => value - sum);
  };
  const [a, b] = [logs(p), logs(q)];
  return a.reduce((sum, log, i) => sum + Math.exp(log) * (log - b[i]!), 0);
}

test('it is what the definition says, for models near and far', () => {
  const [vocabulary, positions] = [67, 5];
  const reference = logitsOf(1, vocabulary * positions, 9);
  const compare = divergenceFrom(reference, vocabulary);
  for (const distance of [1e-3, 0.1, 5]) {
    const noise = logitsOf(2, reference.length, distance);
    const model = reference.map((value, i) => value + noise[i]!);
    let [kl, agreeing] = [0, 0];
    for (let row = 0; row < positions; row++) {
      const of = (values: Float32Array): number[] => [
        ...values.subarray(row * vocabulary, (row + 1) * vocabulary),
      ];
      const [p, q] = [of(reference), of(model)];
      kl += klOf(p, q) / positions;
      if (p.indexOf(Math.max(...p)) === q.indexOf(Math.max(...q))) agreeing++;
    }
    const found = compare(model);
    expect(Math.abs(found.klToReference - kl)).toBeLessThan(1e-6 * kl + 1e-13);
    expect(found.top1Agreement).toBe(agreeing / positions);
    expect(divergence(reference, model, vocabulary)).toEqual(found);
  }
});

test('a model is at no distance from itself, and what is far from likely does not count', () => {
  const reference = logitsOf(3, 3 * 1000, 300);
  expect(divergence(reference, reference.slice(), 1000)).toEqual({ klToReference: 0, top1Agreement: 1 });
});
