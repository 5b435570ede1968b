// GPTQ against an implementation that shares nothing with it: the inverse is formed and reduced column by column, in f64.
import { compressWeight, gramStatistic, statisticValues } from '@tilewright/compression';
import type { HostTensor, Quantizer } from '@tilewright/kernels';
import { unpack } from '@tilewright/kernels/weights';
import { packDense } from '@tilewright/kernels/weights/dense';
import { integerQuantizer } from '@tilewright/kernels/weights/integer';
import { nf4Quantizer } from '@tilewright/kernels/weights/nf4';
import { weightCodecs as codecs } from '@tilewright/kernels/weights/registry';
import { describe, expect, test } from 'vitest';
import { gptq, type GptqConfig } from './index.ts';

function numbers(length: number, seed: number): Float64Array {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Float64Array.from({ length }, () => uniform() + uniform() + uniform() - 1.5);
}

/** XᵀX of inputs that follow their neighbours and differ in size. */
function correlatedGram(columns: number, samples: number): Float64Array {
  const x = numbers(samples * columns, 5);
  const sizes = numbers(columns, 6).map((value) => Math.exp(value));
  for (let i = 1; i < x.length; i++) if (i % columns !== 0) x[i] = 0.7 * x[i - 1]! + x[i]!;
  return Float64Array.from({ length: columns * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let s = 0; s < samples; s++) sum += x[s * columns + i]! * x[s * columns + j]!;
    return sum * sizes[i]! * sizes[j]!;
  });
}

/** The inverse by Gauss and Jordan. */
function inverse(matrix: readonly number[][]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < n; k++) {
    const pivot = rows[k]![k]!;
    rows[k] = rows[k]!.map((value) => value / pivot);
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]!;
      rows[i] = rows[i]!.map((value, j) => value - factor * rows[k]![j]!);
    }
  }
  return rows.map((row) => row.slice(n));
}

/** Algorithm 1 of the paper for one row at a time, its inverse Hessian reduced after each column as in OBQ. */
function naiveGptq<Grid>(
  weight: Float64Array,
  columns: number,
  gram: Float64Array,
  quantizer: Quantizer<Grid>,
  order: NonNullable<GptqConfig['order']>,
): Float64Array {
  const { span } = quantizer;
  const diagonal = Array.from({ length: columns }, (_, c) => gram[c * columns + c]!);
  const mean = diagonal.reduce((sum, value) => sum + value, 0) / columns;
  const indices = diagonal.map((_, c) => c);
  const byEnergy = (a: number, b: number): number => diagonal[b]! - diagonal[a]! || a - b;
  const spanOf = (c: number): number => Math.floor(c / span);
  const spanEnergy = (s: number): number =>
    indices.filter((c) => spanOf(c) === s).reduce((sum, c) => sum + diagonal[c]!, 0);
  const isShort = (s: number): number => Number((s + 1) * span > columns);
  const sorted =
    order === 'stored'
      ? indices
      : order === 'columns'
        ? indices.toSorted(byEnergy)
        : indices.toSorted((a, b) => {
            const [s, t] = [spanOf(a), spanOf(b)];
            if (s === t) return byEnergy(a, b);
            return isShort(s) - isShort(t) || spanEnergy(t) - spanEnergy(s) || s - t;
          });
  const damped = sorted.map((i) => sorted.map((j) => gram[i * columns + j]! + (i === j ? 0.01 * mean : 0)));
  const full = inverse(damped);
  const result = weight.slice();
  for (let start = 0; start < weight.length; start += columns) {
    const w = sorted.map((c) => weight[start + c]!);
    const h = full.map((row) => [...row]);
    const grids = new Map<number, Grid>();
    sorted.forEach((column, c) => {
      const s = spanOf(column);
      if (!grids.has(s)) {
        const members = indices.filter((i) => spanOf(i) === s);
        const ordered = order === 'columns' ? members : sorted.filter((i) => spanOf(i) === s);
        const values = ordered.map((i) => (order === 'columns' ? weight[start + i]! : w[sorted.indexOf(i)]!));
        grids.set(s, quantizer.fit(Float64Array.from(values), 0, values.length));
      }
      const grid = grids.get(s)!;
      const chosen = quantizer.value(grid, quantizer.nearest(grid, Float64Array.of(w[c]!), 0, 1), 0);
      const error = (w[c]! - chosen) / h[c]![c]!;
      for (let k = c + 1; k < columns; k++) w[k] = w[k]! - error * h[c]![k]!;
      for (let i = c + 1; i < columns; i++)
        for (let k = c + 1; k < columns; k++) h[i]![k] = h[i]![k]! - (h[i]![c]! * h[c]![k]!) / h[c]![c]!;
      result[start + column] = chosen;
    });
  }
  return result;
}

const compressed = <Grid>(
  tensor: HostTensor,
  gram: Float64Array,
  quantizer: Quantizer<Grid>,
  order: NonNullable<GptqConfig['order']>,
): Float32Array => {
  const columns = tensor.shape[1]!;
  const statistics = statisticValues([gramStatistic, { gram, columns, samples: 300 }]);
  const made = compressWeight(gptq(quantizer, { order }), { name: 'w', codecs, tensor, statistics });
  return unpack(made.tensor, codecs);
};

describe('chooses the codes of a naive implementation in f64', () => {
  const quantizers = [
    integerQuantizer({ bits: 4 }),
    integerQuantizer({ bits: 3, zeroPoint: true }),
    nf4Quantizer({ group: 32 }),
  ] as const;
  const cases = (['stored', 'spans', 'columns'] as const).flatMap((order) =>
    quantizers.map((quantizer): [string, string, Quantizer] => [
      order,
      quantizer.name,
      quantizer as Quantizer,
    ]),
  );
  test.each(cases)('%s, %s', (order, _, quantizer) => {
    const [rows, columns] = [5, 76];
    const weight = Float64Array.from(Float32Array.from(numbers(rows * columns, 11)));
    const gram = correlatedGram(columns, 300);
    const tensor = packDense(Float32Array.from(weight), [rows, columns], 'f32');
    const got = compressed(tensor, gram, quantizer, order as 'stored');
    const want = naiveGptq(weight, columns, gram, quantizer, order as 'stored');
    expect([...got]).toEqual([...Float32Array.from(want)]);
  });

  test('rows beyond one run in memory are rounded as those of the first', () => {
    // A run of 2,100 columns has 249 rows.
    const columns = 2100;
    const row = numbers(columns, 3);
    const tensor = packDense(
      Float32Array.from({ length: 251 * columns }, (_, i) => row[i % columns]!),
      [251, columns],
      'f32',
    );
    const gram = Float64Array.from(
      { length: columns * columns },
      (_, i) => 0.9 ** Math.abs(Math.floor(i / columns) - (i % columns)),
    );
    const got = compressed(tensor, gram, integerQuantizer({ bits: 4 }), 'spans');
    expect(got.subarray(250 * columns)).toEqual(got.subarray(0, columns));
  }, 60_000);
});
