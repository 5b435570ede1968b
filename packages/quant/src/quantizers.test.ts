// Rounding and GPTQ know nothing of formats: both work with whatever quantizers the formats of the registry bring.
import { compressWeight, gramStatistic, statisticValues, type GramStatistics } from '@tilewright/compression';
import { quantizerFor, storedLike, unpack, type HostTensor } from '@tilewright/kernels/weights';
import { dense, packDense } from '@tilewright/kernels/weights/dense';
import { nm } from '@tilewright/kernels/weights/n-m';
import { weightCodecs as codecs, weightExamples } from '@tilewright/kernels/weights/registry';
import { normalStream, type Quantizer } from '@tilewright/kernels';
import { describe, expect, test } from 'vitest';
import { gptq, rtn } from './index.ts';

const quantizers = weightExamples.flatMap((example) => example.quantizers);
const [rows, columns] = [24, 160];

const weight = (seed: number): HostTensor => {
  const normal = normalStream(seed);
  const values = Float32Array.from({ length: rows * columns }, () => normal());
  return packDense(values, [rows, columns], 'f32');
};

/** Of inputs that follow their neighbours. */
const gram: GramStatistics = {
  gram: Float64Array.from(
    { length: columns * columns },
    (_, i) => 0.9 ** Math.abs(Math.floor(i / columns) - (i % columns)),
  ),
  columns,
  samples: 1,
};
const statistics = statisticValues([gramStatistic, gram]);

test('there are some, each with a name of its own', () => {
  expect(quantizers.length).toBeGreaterThan(3);
  expect(new Set(quantizers.map(({ name }) => name)).size).toBe(quantizers.length);
});

describe.each(quantizers)('$name', (given) => {
  const forWeight = (tensor: HostTensor): Quantizer => quantizerFor(given, [unpack(tensor, codecs)], columns);

  test('packs what its codes stand for', () => {
    const tensor = weight(1);
    const quantizer = forWeight(tensor);
    const packed = compressWeight(rtn(given), {
      name: 'w',
      tensor,
      codecs,
    }).tensor;
    expect(packed.format.id).toBe(quantizer.format.id);
    const [before, after] = [Float64Array.from(unpack(tensor, codecs)), unpack(packed, codecs)];
    const { span, lanes } = quantizer;
    let error = 0;
    const met = new Set<number>();
    for (let start = 0; start < before.length; start += columns) {
      for (let first = 0; first < columns; first += span) {
        const count = Math.min(span, columns - first);
        const grid = quantizer.fit(before, start + first, count);
        for (let i = 0; i < count; i++) {
          const at = start + first + i - (i % lanes);
          const code = quantizer.nearest(grid, before, at, Math.min(lanes, count - i + (i % lanes)));
          met.add(code);
          const value = after[start + first + i]!;
          expect(value + 0).toBe(Math.fround(quantizer.value(grid, code, i % lanes)) + 0);
          error += (value - before[start + first + i]!) ** 2;
        }
      }
    }
    // Of eight codes about 3 % of the energy of normally distributed weights is lost; of fewer as much more as their steps are larger.
    const bound = 0.05 * Math.max(1, (7 / (met.size - 1)) ** 2);
    expect(error / before.reduce((sum, value) => sum + value ** 2, 0)).toBeLessThan(bound);
  });

  test('every code is the nearest to what it stands for, zero among them', () => {
    const quantizer = forWeight(weight(1));
    const values = Float64Array.from({ length: quantizer.span }, (_, i) => Math.sin(7 * i));
    const grid = quantizer.fit(values, 0, values.length);
    const { lanes } = quantizer;
    const zero = quantizer.zero(grid);
    // Of a table whatever is nearest to zero.
    const least = quantizer.nearest(grid, new Float64Array(lanes), 0, lanes);
    for (let lane = 0; lane < lanes; lane++)
      expect(quantizer.value(grid, zero, lane) + 0).toBe(
        quantizer.format.family === 'codebook' ? quantizer.value(grid, least, lane) : 0,
      );
    for (let at = 0; at < values.length; at += lanes) {
      const code = quantizer.nearest(grid, values, at, lanes);
      const numbers = Float64Array.from({ length: lanes }, (_, lane) => quantizer.value(grid, code, lane));
      const back = quantizer.nearest(grid, numbers, 0, lanes);
      expect(Array.from(numbers, (_, lane) => quantizer.value(grid, back, lane))).toEqual([...numbers]);
    }
  });

  test('is bettered by GPTQ on inputs that depend on each other, in every order', () => {
    const input = { name: 'w', tensor: weight(2), statistics, codecs };
    const rounded = compressWeight(rtn(given), input).report.outputError!;
    for (const order of ['spans', 'columns', 'stored'] as const) {
      const { tensor, report } = compressWeight(gptq(given, { order }), input);
      expect(tensor.format.id).toBe(given.format.id);
      expect(report.outputError! / rounded, `in the order ${order}`).toBeLessThan(0.6);
    }
  });

  test('keeps the zeros of a sparse weight, where its values can be kept', () => {
    if (given.format.kept === undefined) {
      expect(() => nm({ n: 2, m: 4, values: given.format })).toThrow('kept values have a format in which');
      return;
    }
    const pruned = unpack(weight(3), codecs).map((value, i) => (i % 4 < 2 ? value : 0));
    const full = packDense(pruned, [rows, columns], 'f32');
    const tensor = storedLike(full, nm({ n: 2, m: 4, values: dense('f16') }), codecs);
    for (const recipe of [rtn(given), gptq(given)]) {
      const result = compressWeight(recipe, {
        name: 'w',
        tensor,
        statistics,
        codecs,
      }).tensor;
      expect(result.format.name).toBe(`${given.format.name}+2:4`);
      expect(unpack(result, codecs).every((value, i) => i % 4 < 2 || value === 0)).toBe(true);
    }
  });
});
