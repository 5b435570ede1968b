// What transforms undo, and what they leave alone, in f64: the meanings, of which the tests of operators hold devices.
import { describe, expect, test } from 'vitest';
import { graphBuilder } from '../../builder.ts';
import type { Attribute, Operator } from '../../ir.ts';
import { interpret } from '../../oracle/interpret.ts';
import { meanings } from '../../registry.ts';
import { dct } from './dct.ts';
import { dwt } from './dwt.ts';
import { hadamardTransform } from './hadamard-transform.ts';
import { idwt } from './idwt.ts';
import { spectralFilter } from './spectral-filter.ts';
import { waveletFilters, waveletNames } from './wavelets.ts';

const length = 40;
const line = Float64Array.from({ length }, (_, i) => Math.sin(1.3 * i * i) + 0.1 * i);

/** Nodes one after the other over [2, 20]; each takes the outputs of the one before by these roles. */
function chain(
  ...links: readonly (readonly [
    operator: Operator,
    roles: Readonly<Record<string, string>>,
    Readonly<Record<string, Attribute>>,
  ])[]
): Float64Array {
  const g = graphBuilder({});
  let made: Readonly<Record<string, string>> = { x: g.input('x', 'f32', [2, length / 2]) };
  for (const [operator, roles, attributes] of links)
    made = g.node(
      operator,
      Object.fromEntries(Object.entries(roles).map(([role, from]) => [role, made[from]!])),
      attributes,
    );
  const [output] = Object.values(made) as [string];
  return interpret(meanings, g.finish({ outputs: [output] }), new Map(), { x: line }, {})[output]!;
}

const expectLine = (got: Float64Array): void => {
  expect(got.length).toBe(length);
  expect(Math.max(...got.map((value, i) => Math.abs(value - line[i]!)))).toBeLessThan(1e-9);
};

test.each(waveletNames)('%s taken apart is put together again', (wavelet) => {
  expectLine(chain([dwt, { x: 'x' }, { wavelet }], [idwt, { low: 'low', high: 'high' }, { wavelet }]));
});

test.each([1, 2, 3, 4].flatMap((type) => [[type, 'ortho'] as const, [type, 'backward'] as const]))(
  'a cosine transform of type %i, %s, there and back',
  (type, norm) => {
    expectLine(
      chain(
        [dct, { x: 'x' }, { type, norm, axis: 1 }],
        [dct, { x: 'y' }, { type, norm, axis: 1, inverse: 1 }],
      ),
    );
  },
);

test.each(['ortho', 'backward'])('a Walsh-Hadamard transform of blocks, %s, there and back', (norm) => {
  expectLine(
    chain(
      [hadamardTransform, { x: 'x' }, { norm, block: 20 }],
      [hadamardTransform, { x: 'y' }, { norm, block: 20, inverse: 1 }],
    ),
  );
});

test.each([[[1]], [[1, 0]], [[0, 1]]])('a filter of ones along axes %j changes nothing', (axes) => {
  const g = graphBuilder({});
  const x = g.input('x', 'f32', [2, length / 2]);
  const W = g.constant('W', [1, 1, 2], Float32Array.of(1, 0));
  const { y } = g.node(spectralFilter, { x, W }, { axes });
  expectLine(interpret(meanings, g.finish({ outputs: [y!] }), new Map(), { x: line }, {})[y!]!);
});

describe('filters of wavelets', () => {
  test('db2 is that of the book', () => {
    const published = [0.482962913144534, 0.836516303737808, 0.224143868042013, -0.12940952255126];
    const { lowpass } = waveletFilters('db2', 'synthesis');
    expect(Math.max(...lowpass.map((tap, i) => Math.abs(tap - published[i]!)))).toBeLessThan(1e-13);
  });
  test.each(waveletNames)('%s stands upright on itself, two places on', (wavelet) => {
    const { lowpass, highpass } = waveletFilters(wavelet, 'analysis');
    const products = (a: readonly number[], b: readonly number[]): number[] =>
      Array.from({ length: a.length / 2 }, (_, shift) =>
        a.reduce((sum, tap, i) => sum + tap * (b[i + 2 * shift] ?? 0), 0),
      );
    const off = [
      ...products(lowpass, lowpass).map((value, i) => value - (i === 0 ? 1 : 0)),
      ...products(highpass, highpass).map((value, i) => value - (i === 0 ? 1 : 0)),
      ...products(lowpass, highpass),
    ];
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(1e-9);
  });
});
