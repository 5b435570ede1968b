// Recipes besides rounding and GPTQ, on small layers, against sums written out in f64.
import {
  compressWeight,
  type GramStatistics,
  gramStatistic,
  type RecipePart,
  statisticValues,
  type WeightChange,
} from '@tilewright/compression';
import type { HostTensor, Quantizer } from '@tilewright/kernels';
import { roundWeight, unpack } from '@tilewright/kernels/weights';
import { packDense } from '@tilewright/kernels/weights/dense';
import { integerQuantizer } from '@tilewright/kernels/weights/integer';
import { nf4Quantizer } from '@tilewright/kernels/weights/nf4';
import { weightCodecs as codecs } from '@tilewright/kernels/weights/registry';
import { messageOf } from '@tilewright/tooling/message-of';
import { describe, expect, test } from 'vitest';
import { awq, awqScales, clippedQuantizer, gptq, hqq, rtn, searchedQuantizer } from './index.ts';

function numbers(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length }, () => uniform() + uniform() + uniform() - 1.5);
}

/** Weights of which a few are far larger than the rest. */
const withOutliers = (rows: number, columns: number): HostTensor =>
  packDense(
    numbers(rows * columns, 3).map((value, i) => (i % 37 === 5 ? 6 * value : value)),
    [rows, columns],
    'f32',
  );

/** Inputs of which some are far more active. */
function uneven(columns: number, samples = 200): GramStatistics {
  const x = numbers(samples * columns, 8);
  for (let i = 1; i < x.length; i++) {
    if (i % columns !== 0) x[i] = 0.5 * x[i - 1]! + x[i]!;
  }
  const size = (c: number): number => (c % 11 === 2 ? 20 : 1);
  const gram = Float64Array.from({ length: columns * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let s = 0; s < samples; s++) sum += x[s * columns + i]! * x[s * columns + j]!;
    return sum * size(i) * size(j);
  });
  return { gram, columns, samples };
}

const rounded = (quantizer: Quantizer, tensor: HostTensor): Float32Array =>
  unpack(roundWeight(quantizer, unpack(tensor, codecs), tensor.shape), codecs);
const errorsOf = (tensor: HostTensor, changed: Float32Array): Float64Array =>
  Float64Array.from(unpack(tensor, codecs), (value, i) => value - changed[i]!);
const powers = (errors: Float64Array, power: number): number =>
  errors.reduce((sum, error) => sum + Math.abs(error) ** power, 0);

const quantizers = [
  integerQuantizer({ bits: 4 }),
  integerQuantizer({ bits: 3, zeroPoint: true }),
  nf4Quantizer({ group: 32 }),
] as readonly Quantizer[];

describe.each(quantizers.map((quantizer) => [quantizer.name, quantizer] as const))('%s', (_, quantizer) => {
  const tensor = withOutliers(6, 75);

  test('a percentile clips: what is inside gets finer steps, what is beyond the outermost code', () => {
    const clipped = clippedQuantizer(quantizer, { percentile: 0.9 });
    expect(clipped.format).toBe(quantizer.format);
    const [plain, cut] = [rounded(quantizer, tensor), rounded(clipped, tensor)].map((each) =>
      errorsOf(tensor, each),
    );
    const inside = (errors: Float64Array): number =>
      errors.reduce((sum, error, i) => sum + (i % 37 === 5 ? 0 : error * error), 0);
    expect(inside(cut!)).toBeLessThan(inside(plain!));
    expect(powers(cut!, 8)).toBeGreaterThan(powers(plain!, 8));
    const whole = clippedQuantizer(quantizer, { percentile: 1 });
    expect(rounded(whole, tensor)).toEqual(rounded(quantizer, tensor));
  });

  test('a search has the least squared error of what it tries, never more than without', () => {
    const found = powers(errorsOf(tensor, rounded(searchedQuantizer(quantizer), tensor)), 2);
    expect(found).toBeLessThan(powers(errorsOf(tensor, rounded(quantizer, tensor)), 2));
    // A span by itself, with every clipped fit written out.
    const span = Float64Array.from(unpack(tensor, codecs).subarray(0, 32));
    const costs = Float64Array.from({ length: 32 }, (__, i) => (i === 5 ? 100 : 1));
    const errorOf = (grid: unknown): number =>
      span.reduce((sum, value, i) => {
        const code = quantizer.nearest(grid, span, i, 1);
        return sum + costs[i]! * (value - quantizer.value(grid, code, 0)) ** 2;
      }, 0);
    const largest = Math.max(...span.map(Math.abs));
    const tried = Array.from({ length: 20 }, (__, i) => {
      const limit = largest * (1 - i / 40);
      return errorOf(
        quantizer.fit(
          span.map((value) => Math.max(-limit, Math.min(limit, value))),
          0,
          32,
          costs,
        ),
      );
    });
    expect(errorOf(searchedQuantizer(quantizer).fit(span, 0, 32, costs))).toBe(Math.min(...tried));
  });

  test('HQQ makes the norm of errors smaller than rounding does, in which outliers count little', () => {
    const searching = searchedQuantizer(quantizer);
    const done = compressWeight(hqq(searching), { name: 'w', codecs, tensor });
    expect(done.report.formatAfter).toBe(quantizer.format.name);
    const [plain, found] = [rounded(searching, tensor), unpack(done.tensor, codecs)].map((each) =>
      powers(errorsOf(tensor, each), 0.7),
    );
    expect(found).toBeLessThan(plain!);
    const zeros = packDense(new Float32Array(64), [2, 32], 'f32');
    const kept = compressWeight(hqq(quantizer), { name: 'w', codecs, tensor: zeros }).tensor;
    expect(unpack(kept, codecs)).toEqual(new Float32Array(64));
  });

  test('AWQ errs less in the outputs than rounding, and less with scales than without', () => {
    const statistics = uneven(75);
    const input = {
      name: 'w',
      codecs,
      tensor,
      statistics: statisticValues([gramStatistic, statistics]),
    };
    const error = (recipe: Parameters<typeof compressWeight>[0]): number =>
      compressWeight(recipe, input).report.outputError!;
    expect(error(awq(quantizer))).toBeLessThan(error(rtn(quantizer)));
    expect(awq(quantizer).name).toBe(`${quantizer.name}-awq`);

    const gain = packDense(
      numbers(75, 2).map((value) => value + 2),
      [75],
      'f32',
    );
    const part: RecipePart = {
      state: new Map([
        ['norm', gain],
        ['w', tensor],
      ]),
      weights: ['w'],
      sites: [{ vectors: ['norm'], weights: ['w'] }],
      channels: () => [],
      statistics: () => statisticValues([gramStatistic, statistics]),
      codecs,
    };
    const changes = new Map<string, HostTensor>(
      awqScales(quantizer).stages[0]!.rewrite(part) as Iterable<WeightChange>,
    );
    const [newGain, scaled] = ['norm', 'w'].map((name) => unpack(changes.get(name)!, codecs));
    const scales = Float64Array.from(newGain!, (value, c) => unpack(gain, codecs)[c]! / value);
    const original = unpack(tensor, codecs);
    // The model computes what it did: gain times weight is what it was.
    scaled!.forEach((value, i) => {
      const want = original[i]! * unpack(gain, codecs)[i % 75]!;
      expect(Math.abs(value * newGain![i % 75]! - want)).toBeLessThan(1e-5 * Math.abs(want) + 1e-9);
    });
    // Active inputs get larger weights; and the outputs of rounded weights, written out, err less for it.
    expect(scales[2]! / scales[3]!).toBeGreaterThan(1);
    const outputError = (errors: Float64Array): number => {
      let sum = 0;
      for (let row = 0; row < errors.length; row += 75)
        for (let i = 0; i < 75; i++)
          for (let j = 0; j < 75; j++)
            sum += errors[row + i]! * statistics.gram[i * 75 + j]! * errors[row + j]!;
      return sum;
    };
    const roundedScaled = rounded(quantizer, changes.get('w')!).map((value, i) => value / scales[i % 75]!);
    expect(outputError(errorsOf(tensor, roundedScaled))).toBeLessThan(
      outputError(errorsOf(tensor, rounded(quantizer, tensor))),
    );
  });
});

test('refusals name the option, and what it may be', () => {
  const int4 = quantizers[0]!;
  const fix = 'Fix: give one of these, or leave it out.';
  expect(messageOf(() => clippedQuantizer(int4, { percentile: 0 }))).toBe(
    `[clippedQuantizer] percentile is 0; it is a number above 0, at most 1. ${fix}`,
  );
  expect(messageOf(() => hqq(int4, { norm: 2 }))).toBe(
    `[hqq] norm is 2; it is a number above 0, at most 1. ${fix}`,
  );
  expect(messageOf(() => hqq(int4, { iterations: 0.5 }))).toBe(
    `[hqq] iterations is 0.5; it is a whole number from 1. ${fix}`,
  );
  expect(messageOf(() => gptq(int4, { sequential: 1 as never }))).toBe(
    `[gptq] sequential is 1; it is true or false. ${fix}`,
  );
  const makers: Readonly<Record<string, (quantizer: Quantizer, options: never) => unknown>> = {
    awq,
    awqScales,
    hqq,
    clippedQuantizer,
    searchedQuantizer,
  };
  for (const [name, make] of Object.entries(makers))
    expect(messageOf(() => make({} as Quantizer, { percentile: 1 } as never))).toContain(
      `[${name}] the quantizer is {}; it is a Quantizer`,
    );
  const needy = compressWeight.bind(undefined, awq(int4), {
    name: 'w',
    codecs,
    tensor: withOutliers(2, 32),
  });
  expect(messageOf(needy)).toContain("[int4-awq] there are no statistics for 'w'");
});
