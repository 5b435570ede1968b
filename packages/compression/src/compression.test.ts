import { describe, expect, test } from 'vitest';
import type { HostTensor } from '@tilewright/kernels/weights';
import { dense, packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import { integer, packInteger } from '@tilewright/kernels/weights/integer';
import { nm, packNM } from '@tilewright/kernels/weights/n-m';
import { weightCodecs as codecs } from '@tilewright/kernels/weights/registry';
import {
  compose,
  compressWeight,
  factorGram,
  floatMatrix,
  gramStatistic,
  needsStatistics,
  perWeight,
  relativeOutputError,
  summarize,
  type GramStatistics,
  type Recipe,
  statisticValues,
  type StatisticValues,
  type WeightInput,
} from './index.ts';

const matrix = (rows: number, columns: number, value = (i: number): number => Math.sin(i + 1)): HostTensor =>
  packDense(
    Float32Array.from({ length: rows * columns }, (_, i) => value(i)),
    [rows, columns],
    'f32',
  );

const gramOf = (columns: number, entries: readonly number[]): GramStatistics => ({
  gram: Float64Array.from(entries),
  columns,
  samples: 1,
});

const diagonal = (values: readonly number[]): GramStatistics =>
  gramOf(
    values.length,
    values.flatMap((value, i) => values.map((_, j) => (i === j ? value : 0))),
  );

/** Halves every weight: simple enough to know what every report must say. */
const half = ({ tensor }: WeightInput): HostTensor =>
  packDense(
    unpackDense(tensor).map((value) => value / 2),
    tensor.shape,
    'f16',
  );
const halve: Recipe = perWeight('halve', [], half);
const needy: Recipe = perWeight('needy', [gramStatistic], half);

const gramValues = (gram: GramStatistics): StatisticValues => statisticValues([gramStatistic, gram]);

describe('output error', () => {
  test('is tr(D H Dᵀ) / tr(W H Wᵀ), whatever the number of columns', () => {
    for (const columns of [1, 5, 63, 64, 65, 150]) {
      const rows = 3;
      const x = Float64Array.from({ length: 40 * columns }, (_, i) => Math.cos(i * i));
      const gram = new Float64Array(columns * columns);
      for (let i = 0; i < gram.length; i++) {
        for (let s = 0; s < 40; s++)
          gram[i] = gram[i]! + x[s * columns + Math.floor(i / columns)]! * x[s * columns + (i % columns)]!;
      }
      const w = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i));
      const changed = w.map((value, i) => value + 0.1 * Math.cos(3 * i));
      // The same, by way of the outputs themselves.
      let [error, size] = [0, 0];
      for (let s = 0; s < 40; s++) {
        for (let r = 0; r < rows; r++) {
          let [d, y] = [0, 0];
          for (let c = 0; c < columns; c++) {
            d += (w[r * columns + c]! - changed[r * columns + c]!) * x[s * columns + c]!;
            y += w[r * columns + c]! * x[s * columns + c]!;
          }
          error += d * d;
          size += y * y;
        }
      }
      const got = relativeOutputError(w, changed, {
        gram,
        columns,
        samples: 40,
      });
      expect(Math.abs(got / (error / size) - 1)).toBeLessThan(1e-10);
      expect(
        Math.abs(
          relativeOutputError(w, changed, {
            gram: Float32Array.from(gram),
            columns,
            samples: 40,
          }) /
            got -
            1,
        ),
      ).toBeLessThan(1e-5);
    }
  });

  test('is 0 where nothing changed, also for outputs of zero', () => {
    expect(relativeOutputError([0, 0], [0, 0], diagonal([1, 1]))).toBe(0);
    expect(relativeOutputError([1, 2], [1, 3], diagonal([1, 0]))).toBe(0);
  });
});

describe('factored Gram matrices', () => {
  const order = (values: number[], run: number): number[] => [
    ...factorGram(
      'r',
      {
        name: 'w',
        codecs,
        tensor: matrix(1, values.length),
        statistics: gramValues(diagonal(values)),
      },
      { damping: 0.01, run },
    ).order,
  ];

  test('runs go by their energy, columns within by theirs, a short run last, ties as they were', () => {
    expect(order([1, 9, 2, 8, 5, 5, 7], 1)).toEqual([1, 3, 6, 4, 5, 2, 0]);
    expect(order([1, 9, 2, 8, 8, 7, 100], 2)).toEqual([4, 5, 1, 0, 3, 2, 6]);
    expect(order([3, 1, 2], 0)).toEqual([0, 1, 2]);
    expect(order([3, 1, 2], 8)).toEqual([0, 2, 1]);
  });

  test('damping is a part of the mean of the diagonal', () => {
    const input = {
      name: 'w',
      codecs,
      tensor: matrix(1, 2),
      statistics: gramValues(diagonal([14, 2])),
    };
    const { factor } = factorGram('r', input, { damping: 0.25, run: 0 });
    expect([...factor.data]).toEqual([1 / 4, 0, 0, 1 / 2]);
  });

  test('zeros count as the identity, singular matrices are damped until they serve', () => {
    const zero = factorGram(
      'r',
      {
        name: 'w',
        codecs,
        tensor: matrix(1, 2),
        statistics: gramValues(diagonal([0, 0])),
      },
      { damping: 0.01, run: 0 },
    );
    expect([...zero.factor.data]).toEqual([1, 0, 0, 1]);
    const singular = {
      name: 'w',
      codecs,
      tensor: matrix(1, 2),
      statistics: gramValues(gramOf(2, [1, 1, 1, 1])),
    };
    const { factor } = factorGram('r', singular, { damping: 0, run: 0 });
    expect([...factor.data].every(Number.isFinite)).toBe(true);
    expect(factor.data[0]).toBeGreaterThan(factor.data[3]!);
  });
});

describe('recipes', () => {
  const tensor = packDense(Float32Array.of(4, 8), [1, 2], 'f32');

  test('what one did to a weight is measured', () => {
    const columns = 8;
    const statistics = gramValues(diagonal(Array<number>(columns).fill(1)));
    const { tensor: halved, report } = compressWeight(halve, {
      name: 'w',
      codecs,
      tensor: matrix(2, columns),
      statistics,
    });
    expect(halved.format.name).toBe('f16');
    expect(report).toMatchObject({
      name: 'w',
      shape: [2, 8],
      formatBefore: 'f32',
      formatAfter: 'f16',
      bytesBefore: 64,
      bytesAfter: 32,
      bitsPerWeight: 16,
      sparsity: 0,
    });
    expect(report.outputError).toBeCloseTo(0.25, 3);
    expect(report.weightError).toBeCloseTo(0.25, 3);
    expect(compressWeight(halve, { name: 'w', codecs, tensor }).report.outputError).toBe(null);
    const total = summarize(halve, [report, report]);
    expect(total).toMatchObject({
      recipe: 'halve',
      bytesBefore: 128,
      bytesAfter: 64,
      bitsPerWeight: 16,
    });
    expect(summarize(halve, []).bitsPerWeight).toBe(0);
  });

  test('composed recipes run one after the other and are measured as one', () => {
    const both = compose(halve, needy);
    expect(both.name).toBe('halve+needy');
    expect([halve, needy, both, compose(halve, halve)].map(needsStatistics)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    const { tensor: quartered, report } = compressWeight(both, {
      name: 'w',
      codecs,
      tensor,
    });
    expect([...unpackDense(quartered)]).toEqual([1, 2]);
    expect(report).toMatchObject({
      formatBefore: 'f32',
      weightError: 0.75 ** 2,
    });
  });
});

describe('refusals', () => {
  const factor = (statistics: GramStatistics) => () =>
    factorGram(
      'r',
      {
        name: 'w',
        codecs,
        tensor: matrix(1, 2),
        statistics: gramValues(statistics),
      },
      { damping: 0.01, run: 0 },
    );
  const cases: [string, () => unknown, string][] = [
    [
      'a vector',
      () =>
        floatMatrix('r', {
          name: 'w',
          codecs,
          tensor: packDense(new Float32Array(2), [2], 'f32'),
        }),
      "[r] 'w' has shape [2]; weights are matrices, [outputs, inputs]. Fix: leave it out by `select`.",
    ],
    [
      'integers',
      () =>
        floatMatrix('r', {
          name: 'w',
          codecs,
          tensor: packInteger(
            { codes: new Uint8Array(32), scales: new Float32Array(1) },
            [1, 32],
            integer({ bits: 4 }),
          ),
        }),
      "[r] 'w' is stored as int4-g32; only floats can be compressed. Fix: start from the dense weight, and put what rounds last.",
    ],
    [
      'NaN',
      () =>
        floatMatrix('r', {
          name: 'w',
          codecs,
          tensor: matrix(2, 3, (i) => (i === 4 ? NaN : 0)),
        }),
      "[r] 'w' holds NaN in row 1, column 1; weights are finite. Fix: get the weight files again.",
    ],
    [
      'infinity',
      () =>
        floatMatrix('r', {
          name: 'w',
          codecs,
          tensor: matrix(1, 1, () => -Infinity),
        }),
      "[r] 'w' holds -Infinity in row 0, column 0; weights are finite. Fix: get the weight files again.",
    ],
    [
      'too large',
      () => floatMatrix('r', { name: 'w', codecs, tensor: matrix(1, 1, () => 8) }, 7),
      "[r] 'w' holds 8 in row 0, column 0; scales are stored as f16, so weights are at most 7 in magnitude. Fix: leave it out by `select`.",
    ],
    [
      'other inputs',
      factor(diagonal([1, 1, 1])),
      "[r] the statistics for 'w' are of 3 inputs in 9 numbers; its 2 inputs take 4.",
    ],
    [
      'few numbers',
      factor(gramOf(2, [1])),
      "[r] the statistics for 'w' are of 2 inputs in 1 numbers; its 2 inputs take 4.",
    ],
    [
      'negative energy',
      factor(diagonal([1, -1])),
      "[r] the statistics for 'w' are not a Gram matrix: it has -1 in row 1, column 1; " +
        "XᵀX is finite, symmetric and has no negative eigenvalue. Fix: give XᵀX of the layer's inputs, as calibration gathers it.",
    ],
    [
      'NaN energy',
      factor(diagonal([1, NaN])),
      "[r] the statistics for 'w' are not a Gram matrix: it has NaN in row 1, column 1; " +
        "XᵀX is finite, symmetric and has no negative eigenvalue. Fix: give XᵀX of the layer's inputs, as calibration gathers it.",
    ],
    [
      'NaN beside the diagonal',
      factor(gramOf(2, [1, NaN, NaN, 1])),
      "[r] the statistics for 'w' are not a Gram matrix: it has NaN in row 0, column 1; " +
        "XᵀX is finite, symmetric and has no negative eigenvalue. Fix: give XᵀX of the layer's inputs, as calibration gathers it.",
    ],
    [
      'a negative eigenvalue',
      factor(gramOf(2, [1, 9, 9, 1])),
      "[r] the statistics for 'w' are not a Gram matrix: it cannot be factored, however much is added to its diagonal; " +
        "XᵀX is finite, symmetric and has no negative eigenvalue. Fix: give XᵀX of the layer's inputs, as calibration gathers it.",
    ],
  ];
  test.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ message }));
  });

  test('what N:M sparsity dropped is told from what it keeps', () => {
    const full = packDense(Float32Array.of(0, 1, 0, 0, 2, 0, 3, 0), [2, 4], 'f32');
    const tensor = packNM(full, nm({ n: 1, m: 2, values: dense('f32') }), codecs);
    expect([...floatMatrix('r', { name: 'w', codecs, tensor }).kept!]).toEqual([0, 1, 1, 0, 1, 0, 1, 0]);
    expect(floatMatrix('r', { name: 'w', codecs, tensor: matrix(1, 4) }).kept).toBe(null);
  });
});
