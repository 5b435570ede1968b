import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { rope, ropeTable } from './index.ts';

testKernel(check);

const axes = {
  batch: 2,
  tokens: 3,
  heads: 1,
  head_size: 8,
  half: 4,
  table_rows: 6,
  pair: 2,
};

test.each<[string, Parameters<typeof rope.problem>[0], string]>([
  [
    'more turning channels than a head has',
    { axes: { ...axes, half: 5 } },
    '[rope] half is 5 for heads of 8; 2 · half channels of a head turn. Fix: give axes.half at most head_size / 2.',
  ],
  [
    'a table without pairs',
    { axes: { ...axes, pair: 3 } },
    '[rope] pair is 3; cos_sin holds pairs of a cosine and a sine. Fix: give cos_sin a last axis of 2.',
  ],
  [
    'tables without positions that do not have a row for each token',
    {
      axes: { batch: 2, tokens: 3, heads: 1, head_size: 8, half: 4, table_rows: 5 },
      options: { table: 'separate', positions: 'none' },
    },
    '[rope] the tables have 5 rows for 2 · 3 tokens; without positions each token has a row of its own. ' +
      'Fix: give axes.table_rows 6.',
  ],
  [
    'an order that does not fit the sizes',
    { axes, options: { x_strides: 'b s h s:2 d' } },
    "[rope] option 'x_strides' is 'b s h s:2 d': s of size 3 has inner digits of 2; digits divide their axis. " +
      'Fix: pad s to a multiple of 2, or give it other digits.',
  ],
])('%s is refused', (_, problem, message) => {
  expect(() => checkProblem(rope, problem)).toThrowError(message);
});

describe('ropeTable', () => {
  const anglesOf = (table: Float32Array, position: number, half: number): number[] =>
    Array.from({ length: half }, (_, i) =>
      Math.atan2(table[(position * half + i) * 2 + 1]!, table[(position * half + i) * 2]!),
    );
  /** Radians per position of each pair, from the second row. */
  const frequencies = (options: Partial<Parameters<typeof ropeTable>[0]>): number[] =>
    anglesOf(
      ropeTable({ headSize: 64, positions: 4, theta: 500_000, ...options }),
      1,
      (options.rotary ?? 64) / 2,
    );

  test('plain angles', () => {
    frequencies({}).forEach((each, i) => expect(each).toBeCloseTo(500_000 ** (-i / 32), 7));
    frequencies({ rotary: 16 }).forEach((each, i) => expect(each).toBeCloseTo(500_000 ** (-i / 8), 7));
  });

  test('large positions keep their digits', () => {
    const table = ropeTable({ headSize: 2, positions: 131_072 });
    expect(table[2 * 131_071]).toBeCloseTo(Math.cos(131_071), 7);
  });

  test('linear divides every frequency', () => {
    frequencies({ scaling: { type: 'linear', factor: 4 } }).forEach((each, i) =>
      expect(each).toBeCloseTo(500_000 ** (-i / 32) / 4, 7),
    );
  });

  test('ntk keeps the first frequency and divides the last by the factor', () => {
    const scaled = frequencies({ scaling: { rope_type: 'ntk', factor: 8 } });
    expect(scaled[0]).toBeCloseTo(1, 7);
    expect(scaled[31]! / 500_000 ** (-31 / 32)).toBeCloseTo(1 / 8, 5);
  });

  test('dynamic does nothing within the trained context, and is ntk beyond', () => {
    const within = { rope_type: 'dynamic', factor: 2, original_max_position_embeddings: 4 };
    expect(frequencies({ scaling: within })).toEqual(frequencies({}));
    const beyond = { ...within, original_max_position_embeddings: 2 };
    expect(frequencies({ scaling: beyond })).toEqual(
      frequencies({ scaling: { rope_type: 'ntk', factor: 3 } }),
    );
  });

  // Llama 3.2 1B: 8192 trained positions, so wavelengths below 2048 are kept and those above 8192 are stretched.
  test('llama3 keeps short wavelengths, stretches long ones and mixes between', () => {
    const scaling = {
      rope_type: 'llama3',
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    };
    const [plain, scaled] = [frequencies({}), frequencies({ scaling })];
    plain.forEach((frequency, i) => {
      const wavelength = (2 * Math.PI) / frequency;
      const ratio = scaled[i]! / frequency;
      if (wavelength < 2048) expect(ratio).toBeCloseTo(1, 4);
      else if (wavelength > 8192) expect(ratio).toBeCloseTo(1 / 32, 4);
      else expect(ratio).toBeCloseTo(1 / 32 + ((8192 / wavelength - 1) / 3) * (31 / 32), 4);
    });
  });

  test('yarn takes its magnitude from two scales, and its range unrounded where truncate is false', () => {
    const scaling = { rope_type: 'yarn', factor: 40, original_max_position_embeddings: 512 };
    const table = (more: object): Float32Array =>
      ropeTable({ headSize: 64, positions: 2, scaling: { ...scaling, ...more } });
    const growth = (scale: number): number => 0.1 * scale * Math.log(40) + 1;
    expect(table({ mscale: 0.7, mscale_all_dim: 0.5 })[0]).toBeCloseTo(growth(0.7) / growth(0.5), 6);
    expect(table({ mscale: 0.7 })[0]).toBeCloseTo(growth(1), 6);
    expect(table({ mscale: 0.7, mscale_all_dim: 0.5, attention_factor: 3 })[0]).toBe(3);
    // Pair 12 lies within the range; its share of the stretched frequency moves with the ends of the range.
    const pairOf = (turns: number): number =>
      (64 * Math.log(512 / (turns * 2 * Math.PI))) / (2 * Math.log(1e4));
    const angle = (low: number, high: number): number => {
      const stretched = (12 - low) / (high - low);
      return 1e4 ** (-24 / 64) * (1 - stretched + stretched / 40);
    };
    const [first, last] = [pairOf(32), pairOf(1)];
    const angleOf = (values: Float32Array): number => Math.atan2(values[64 + 25]!, values[64 + 24]!);
    expect(angleOf(table({ truncate: false }))).toBeCloseTo(angle(first, last), 6);
    expect(angleOf(table({}))).toBeCloseTo(angle(Math.floor(first), Math.ceil(last)), 6);
    expect(Math.abs(angle(first, last) - angle(Math.floor(first), Math.ceil(last)))).toBeGreaterThan(1e-4);
  });

  test('yarn keeps fast pairs, stretches slow ones and grows the vectors', () => {
    const scaling = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 4096 };
    const table = ropeTable({ headSize: 64, positions: 2, theta: 10_000, scaling });
    const magnitude = 0.1 * Math.log(4) + 1;
    expect(table[0]).toBeCloseTo(magnitude, 6);
    const angles = anglesOf(table, 1, 32);
    expect(angles[0]).toBeCloseTo(1, 6);
    expect(angles[31]! / 10_000 ** (-31 / 32)).toBeCloseTo(1 / 4, 4);
    expect(ropeTable({ headSize: 4, positions: 1, scaling: { ...scaling, attention_factor: 1 } })[0]).toBe(1);
  });

  test('refusals', () => {
    expect(() => ropeTable({ headSize: 8, rotary: 3, positions: 1 })).toThrowError(
      '[ropeTable] 3 dimensions of 8 turn; they turn in pairs, within a head. Fix: give an even `rotary`.',
    );
    expect(() => ropeTable({ headSize: 8, positions: 1, scaling: { type: 'spiral' } })).toThrowError(
      "[ropeTable] unknown rope scaling 'spiral'; known are default, linear, ntk, dynamic, yarn, llama3. " +
        'Fix: use a model with one of these.',
    );
    expect(() => ropeTable({ headSize: 8, positions: 1, scaling: { type: 'linear' } })).toThrowError(
      "[ropeTable] rope scaling 'linear' has factor undefined; it must be a positive number. Fix: complete rope_scaling.",
    );
  });
});
