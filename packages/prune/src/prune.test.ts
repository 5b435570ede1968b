import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compose,
  compressWeight,
  type GramStatistics,
  gramStatistic,
  type LayerReport,
  type Recipe,
  statisticValues,
  type WeightInput,
} from '@tilewright/compression';
import { unpack as unpackWith, type HostTensor } from '@tilewright/kernels/weights';
import { dense, packDense } from '@tilewright/kernels/weights/dense';
import { integer, integerQuantizer, packInteger } from '@tilewright/kernels/weights/integer';
import { expandNM, keptMask, nm } from '@tilewright/kernels/weights/n-m';
import { weightCodecs as codecs } from '@tilewright/kernels/weights/registry';
import { openSafetensors, readState } from '@tilewright/formats';
import { gptq, rtn } from '@tilewright/quant';
import {
  magnitude,
  sparseGpt,
  wanda,
  type Pattern,
  type PruneConfig,
  type SparseGptConfig,
} from './index.ts';

const int4 = integerQuantizer({ bits: 4, scale: 'search' });
const unpack = (tensor: HostTensor): Float32Array => unpackWith(tensor, codecs);

/** Numbers that repeat from run to run, roughly normal. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return () => uniform() + uniform() + uniform() + uniform() - 2;
}

const weight = (rows: number, columns: number, seed: number, dtype: 'f32' | 'bf16' = 'f32'): HostTensor => {
  const next = random(seed);
  return packDense(Float32Array.from({ length: rows * columns }, next), [rows, columns], dtype);
};

/** The Gram matrix of inputs that follow their neighbours and differ much in size, as those of real layers do. */
function correlated(columns: number, samples: number, seed: number): GramStatistics {
  const next = random(seed);
  const sizes = Float64Array.from({ length: columns }, () => Math.exp(next()));
  const gram = new Float64Array(columns * columns);
  const x = new Float64Array(columns);
  for (let s = 0; s < samples; s++) {
    let carried = 0;
    for (let c = 0; c < columns; c++) {
      carried = 0.8 * carried + next();
      x[c] = carried * sizes[c]!;
    }
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++) gram[i * columns + j] = gram[i * columns + j]! + x[i]! * x[j]!;
  }
  return { gram, columns, samples };
}

const diagonal = (columns: number, entry: (c: number) => number): GramStatistics => ({
  gram: Float64Array.from({ length: columns * columns }, (_, i) =>
    i % (columns + 1) === 0 ? entry(i % columns) : 0,
  ),
  columns,
  samples: 1,
});

const half: PruneConfig = { pattern: { sparsity: 0.5 } };
/** A recipe on one weight, with the Gram matrix of its inputs. */
const compressOne = (
  recipe: Recipe,
  { statistics, ...input }: Omit<WeightInput, 'statistics'> & { readonly statistics?: GramStatistics },
): { tensor: HostTensor; report: LayerReport } =>
  compressWeight(recipe, {
    ...input,
    ...(statistics && { statistics: statisticValues([gramStatistic, statistics]) }),
  });

const numbersOf = (recipe: Recipe, tensor: HostTensor, statistics?: GramStatistics): number[] => [
  ...unpack(compressOne(recipe, { name: 'w', codecs, tensor, ...(statistics && { statistics }) }).tensor),
];
const row = (...values: number[]): HostTensor =>
  packDense(Float32Array.from(values), [1, values.length], 'f32');

describe.each([
  ['magnitude', magnitude],
  ['wanda', wanda],
  ['sparsegpt', sparseGpt],
] as const)('%s', (name, recipe) => {
  test('is called by its pattern', () => {
    expect([
      recipe().name,
      recipe({ pattern: { n: 1, m: 8 } }).name,
      recipe(half).name,
      recipe({ pattern: { sparsity: 0.625 } }).name,
    ]).toEqual([`2:4-${name}`, `1:8-${name}`, `50%-${name}`, `62.5%-${name}`]);
  });

  test('keeps exactly n of m, stores 2:4 in 9 bits, and is deterministic', () => {
    const shapes = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 70 }));
    const patterns = fc
      .constantFrom(2, 4, 8, 16)
      .chain((m) => fc.tuple(fc.integer({ min: 1, max: m - 1 }), fc.constant(m)));
    fc.assert(
      fc.property(
        shapes,
        patterns,
        fc.constantFrom('f32', 'f16'),
        fc.integer({ min: 1 }),
        ([rows, columns], [n, m], values, seed) => {
          const input = {
            name: 'w',
            codecs,
            tensor: weight(rows, columns, seed),
            statistics: correlated(columns, 30, seed),
          };
          const pruned = compressOne(recipe({ pattern: { n, m }, values }), input).tensor;
          expect(pruned.format.id).toBe(nm({ n, m, values: dense(values) }).id);
          const numbers = unpack(pruned);
          for (let r = 0; r < rows; r++) {
            for (let c = 0; c < columns; c += m) {
              const end = r * columns + Math.min(columns, c + m);
              const kept = numbers
                .subarray(r * columns + c, end)
                .reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0);
              expect(kept).toBe(Math.min(n, columns - c));
            }
          }
          expect(compressOne(recipe({ pattern: { n, m }, values }), input).tensor.bytes).toEqual(
            pruned.bytes,
          );
        },
      ),
      { numRuns: 60 },
    );
    const input = { name: 'w', codecs, tensor: weight(8, 128, 1), statistics: correlated(128, 200, 1) };
    expect(compressOne(recipe(), input).report).toMatchObject({
      formatAfter: 'f16+2:4',
      bitsPerWeight: 9,
      sparsity: 0.5,
    });
  });

  test('without a pattern drops the part asked for and stays dense, in the dtype it had', () => {
    for (const sparsity of [0, 0.25, 0.5, 0.9, 1]) {
      for (const dtype of ['f32', 'bf16'] as const) {
        const input = {
          name: 'w',
          codecs,
          tensor: weight(8, 200, 2, dtype),
          statistics: correlated(200, 300, 3),
        };
        const { report } = compressOne(recipe({ pattern: { sparsity } }), input);
        expect(report.formatAfter).toBe(dtype);
        expect(Math.abs(report.sparsity - sparsity)).toBeLessThan(0.002);
      }
    }
  });

  const degenerate: [string, HostTensor, GramStatistics][] = [
    ['rows of zeros', packDense(new Float32Array(3 * 64), [3, 64], 'f32'), correlated(64, 100, 1)],
    ['equal weights', packDense(new Float32Array(3 * 64).fill(0.5), [3, 64], 'f32'), diagonal(64, () => 1)],
    ['one row', weight(1, 64, 1), correlated(64, 100, 1)],
    ['one column', weight(5, 1, 1), correlated(1, 100, 1)],
    ['no rows', weight(0, 64, 1), correlated(64, 100, 1)],
    ['no columns', weight(4, 0, 1), diagonal(0, () => 1)],
    ['columns that are no multiple of m', weight(4, 77, 1), correlated(77, 100, 1)],
    ['fewer samples than columns', weight(4, 96, 1), correlated(96, 3, 1)],
    ['inputs that were never active', weight(4, 64, 1), diagonal(64, () => 0)],
    ['some inputs that were never active', weight(4, 64, 1), diagonal(64, (c) => c % 3)],
  ];
  test.each(degenerate)('%s', (_, tensor, statistics) => {
    const pattern: Pattern[] = [{ n: 2, m: 4 }, { sparsity: 0.5 }];
    for (const config of pattern) {
      const { tensor: pruned, report } = compressOne(recipe({ pattern: config }), {
        name: 'w',
        codecs,
        tensor,
        statistics,
      });
      expect(unpack(pruned).every(Number.isFinite)).toBe(true);
      const count = tensor.shape[0]! * tensor.shape[1]!;
      // A last group of at most n columns keeps them all.
      expect(report.sparsity * count).toBeGreaterThanOrEqual(0.5 * count - 2 * tensor.shape[0]! - 0.5);
      expect(report.outputError!).toBeLessThan(1.01);
    }
  });

  test.each([
    [[1, 4], 0.5],
    [[4, 1], 0.25],
    [[16, 1], 0.5],
    [[16, 16], 0.5],
    [[3, 32], 0.6],
  ] as const)('blocks %j go whole, and as many as asked for', (block, sparsity) => {
    // Blocks at the edges are smaller.
    const [rows, columns] = [37, 198];
    const input = {
      name: 'w',
      codecs,
      tensor: weight(rows, columns, 2),
      statistics: correlated(columns, 300, 3),
    };
    const made = compressOne(recipe({ pattern: { sparsity, block } }), input).tensor;
    const numbers = unpack(made);
    let [gone, all] = [0, 0];
    for (let r = 0; r < rows; r += block[0])
      for (let c = 0; c < columns; c += block[1]) {
        const members: number[] = [];
        for (let i = r; i < Math.min(rows, r + block[0]); i++)
          for (let j = c; j < Math.min(columns, c + block[1]); j++) members.push(numbers[i * columns + j]!);
        const zeros = members.filter((value) => value === 0).length;
        expect([0, members.length]).toContain(zeros);
        gone += Number(zeros > 0);
        all++;
      }
    // SparseGPT counts in each run of 128 columns.
    expect(Math.abs(gone - sparsity * all)).toBeLessThanOrEqual(1);
    expect(recipe({ pattern: { sparsity, block } }).name).toBe(
      `${block.join('x')}-${100 * sparsity}%-${name}`,
    );
  });

  test('pruning on keeps what an earlier recipe pruned', () => {
    const statistics = correlated(64, 100, 4);
    const first = compressOne(magnitude(), { name: 'w', codecs, tensor: weight(6, 64, 5) }).tensor;
    const kept = keptMask(first);
    for (const pattern of [
      { n: 1, m: 4 },
      { n: 3, m: 4 },
      { n: 5, m: 8 },
      { sparsity: 0.7 },
      { sparsity: 0.2 },
    ]) {
      const again = compressOne(recipe({ pattern }), { name: 'w', codecs, tensor: first, statistics }).tensor;
      expect(unpack(again).every((value, i) => kept[i] === 1 || value === 0)).toBe(true);
      if ('sparsity' in pattern) expect(again.format.id).toBe(first.format.id);
    }
  });
});

describe('what goes', () => {
  test('magnitude: the values closest to zero, of equal ones the later', () => {
    expect(numbersOf(magnitude(), row(1, -4, 3, -2, 5, 5, 5, 5))).toEqual([0, -4, 3, 0, 5, 5, 0, 0]);
    expect(numbersOf(magnitude(half), row(1, -4, 3, -2, 0.5, 5))).toEqual([0, -4, 3, 0, 0, 5]);
  });

  test('Wanda: the smallest products of weight and norm of the input, row by row', () => {
    // Norms 1, 2, 3, 4.
    const statistics = diagonal(4, (c) => (c + 1) ** 2);
    expect(numbersOf(wanda(), row(5, -2, 3, 1), statistics)).toEqual([5, 0, 3, 0]);
    const two = packDense(Float32Array.of(5, -2, 3, 1, 50, 20, 30, 60), [2, 4], 'f32');
    expect(numbersOf(wanda(half), two, statistics)).toEqual([5, 0, 3, 0, 0, 0, 30, 60]);
  });

  test('Wanda without any active input goes by magnitude', () => {
    const tensor = weight(4, 8, 21);
    const numbers = numbersOf(
      wanda(),
      tensor,
      diagonal(8, () => 0),
    );
    expect(numbers).toEqual(numbersOf(magnitude(), tensor));
    expect(numbers.filter((value) => value !== 0)).toHaveLength(16);
  });

  test('SparseGPT on independent inputs is Wanda', () => {
    const statistics = diagonal(64, (c) => 1 + ((c * 7) % 11));
    const tensor = weight(8, 64, 6);
    // Damping lifts small norms a little; without it the scores are Wanda's, squared.
    expect(numbersOf(sparseGpt({ damping: 0 }), tensor, statistics)).toEqual(
      numbersOf(wanda(), tensor, statistics),
    );
  });
});

describe('output errors on correlated inputs', () => {
  const [tensor, statistics] = [weight(24, 192, 7), correlated(192, 600, 8)];
  const errorOf = (recipe: Recipe): number =>
    compressOne(recipe, { name: 'w', codecs, tensor, statistics }).report.outputError!;

  test.each<[string, PruneConfig]>([
    ['2:4', {}],
    ['4:8', { pattern: { n: 4, m: 8 } }],
    ['1:2', { pattern: { n: 1, m: 2 } }],
    ['half', half],
  ])('SparseGPT beats Wanda, and Wanda magnitude: %s', (_, config) => {
    const [best, middle, worst] = [sparseGpt(config), wanda(config), magnitude(config)].map(errorOf);
    expect(best! / middle!).toBeLessThan(0.6);
    expect(middle! / worst!).toBeLessThan(0.9);
  });

  test('2:4 and then GPTQ: sparse, 4 bits, 3.5 bits a weight, and better than rounding what is left', () => {
    const recipe = compose(sparseGpt(), gptq(int4));
    expect(recipe.name).toBe('2:4-sparsegpt+int4-gptq');
    const { tensor: packed, report } = compressOne(recipe, { name: 'w', codecs, tensor, statistics });
    expect(report).toMatchObject({ formatAfter: 'int4-g32+2:4', bitsPerWeight: 3.5 });
    const pruned = compressOne(sparseGpt(), { name: 'w', codecs, tensor, statistics }).tensor;
    const kept = keptMask(pruned);
    expect(unpack(packed).every((value, i) => kept[i] === 1 || value === 0)).toBe(true);
    expect(expandNM(packed, codecs).format.name).toBe('int4-g32');
    expect(report.outputError!).toBeLessThan(errorOf(compose(sparseGpt(), rtn(int4))));
    expect(report.outputError!).toBeLessThan(1.1 * errorOf(sparseGpt()));
  });
});

describe('refusals', () => {
  const tensor = weight(1, 32, 1);
  const packed = packInteger(
    { codes: new Uint8Array(32), scales: Float32Array.of(1) },
    [1, 32],
    integer({ bits: 4 }),
  );
  const missing = (name: string): string =>
    `[${name}] there are no statistics for 'w'; this recipe needs the Gram matrix of the layer's inputs. ` +
    'Fix: calibrate first, and pass the statistics under the name of the weight.';
  type Refusal = [string, () => unknown, string];
  const cases: Refusal[] = [
    ...(
      [
        ['pattern.m is 5; it is 2, 4, 8 or 16', { pattern: { n: 2, m: 5 } }],
        ['pattern.n is 5; it is a whole number from 1 to 3, less than m', { pattern: { n: 5, m: 4 } }],
        ['pattern.n is 0; it is a whole number from 1 to 7, less than m', { pattern: { n: 0, m: 8 } }],
        ['pattern.n is NaN; it is a whole number from 1 to 3, less than m', { pattern: { n: NaN, m: 4 } }],
        ['pattern.sparsity is 2; it is a number from 0 to 1', { pattern: { sparsity: 2 } }],
        ['pattern.sparsity is -0.1; it is a number from 0 to 1', { pattern: { sparsity: -0.1 } }],
        ['pattern.sparsity is NaN; it is a number from 0 to 1', { pattern: { sparsity: NaN } }],
        ["values is 'bf16'; it is 'f32' or 'f16'", { values: 'bf16' as 'f16' }],
      ] as const
    ).flatMap(([words, config]): Refusal[] =>
      Object.entries({ magnitude, wanda, sparseGpt }).map(([name, recipe]) => [
        `${name}: ${words}`,
        () => recipe(config),
        `[${name}] ${words}. Fix: give one of these, or leave it out.`,
      ]),
    ),
    ...(
      [
        [
          { patern: { n: 2, m: 4 } },
          "there is no option 'patern'; known are pattern, values. Fix: write 'pattern'.",
        ],
        [{ sparsity: 0.9 }, "there is no option 'sparsity'; known are pattern, values. Fix: remove it."],
        [
          { pattern: { n: 2, m: 4, sparsity: 0.9 } },
          'pattern is {"n":2,"m":4,"sparsity":0.9}; it is { n, m } or { sparsity, block }. Fix: give one of these, or leave it out.',
        ],
        [
          { pattern: { n: 2 } },
          'pattern is {"n":2}; it is { n, m } or { sparsity, block }. Fix: give one of these, or leave it out.',
        ],
        [
          { pattern: { sparcity: 0.9 } },
          'pattern is {"sparcity":0.9}; it is { n, m } or { sparsity, block }. Fix: give one of these, or leave it out.',
        ],
        [
          { pattern: '2:4' },
          "pattern is '2:4'; it is { n, m } or { sparsity, block }. Fix: give one of these, or leave it out.",
        ],
      ] as const
    ).flatMap(([config, words]): Refusal[] =>
      Object.entries({ magnitude, wanda, sparseGpt }).map(([name, recipe]) => [
        `${name}: ${words}`,
        () => recipe(config as PruneConfig),
        `[${name}] ${name === 'sparseGpt' ? words.replace('pattern, values', 'pattern, values, damping') : words}`,
      ]),
    ),
    [
      'a block size, which SparseGPT does not have',
      () => sparseGpt({ blocksize: 3 } as SparseGptConfig),
      "[sparseGpt] there is no option 'blocksize'; known are pattern, values, damping. Fix: remove it.",
    ],
    ...[magnitude(), wanda(), sparseGpt()].map((recipe): Refusal => [
      `a row that f16 loses, by ${recipe.name}`,
      () =>
        compressOne(recipe, {
          name: 'w',
          codecs,
          tensor: packDense(Float32Array.of(1, 2, 3, 4, 2 ** -30, 0, 0, 0), [2, 4], 'f32'),
          statistics: diagonal(4, () => 1),
        }),
      `[${recipe.name}] row 1 of 'w' would be all zeros: its largest weight is 9.313225746154785e-10; ` +
        'f16+2:4 stores numbers in f16, of which the smallest is 2^-24. Fix: leave it out by `select`, or scale it up.',
    ]),
    ...[NaN, -1, 2].map((damping): Refusal => [
      `a damping of ${damping}`,
      () => sparseGpt({ damping }),
      `[sparseGpt] damping is ${damping}; it is a number from 0 to 1. Fix: give one of these, or leave it out.`,
    ]),
    [
      'integers',
      () => compressOne(magnitude(), { name: 'w', codecs, tensor: packed }).tensor,
      "[2:4-magnitude] 'w' is stored as int4-g32; only floats can be compressed. Fix: start from the dense weight, and put what rounds last.",
    ],
    [
      'Wanda without statistics',
      () => compressOne(wanda(), { name: 'w', codecs, tensor }).tensor,
      missing('2:4-wanda'),
    ],
    [
      'SparseGPT without statistics',
      () => compressOne(sparseGpt(half), { name: 'w', codecs, tensor }).tensor,
      missing('50%-sparsegpt'),
    ],
    [
      'Wanda on negative norms',
      () => compressOne(wanda(), { name: 'w', codecs, tensor, statistics: diagonal(32, () => -1) }).tensor,
      "[2:4-wanda] the statistics for 'w' are not a Gram matrix: it has -1 in row 0, column 0; " +
        "XᵀX is finite, symmetric and has no negative eigenvalue. Fix: give XᵀX of the layer's inputs, as calibration gathers it.",
    ],
    [
      'a kept value beyond f16',
      () => compressOne(magnitude(), { name: 'w', codecs, tensor: row(1e5, 0, 0, 0) }).tensor,
      '[packDense] value 100000 at index 0 is beyond f16; a finite weight must stay finite. Fix: store this tensor as f32, or scale it down.',
    ],
  ];
  test.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ message }));
  });
});

describe('a trained model', () => {
  const file = new URL('../../../models/shakespeare-1m/model.safetensors', import.meta.url);
  test('every linear weight of a layer is better off with SparseGPT than by magnitude', async () => {
    const state = await readState(await openSafetensors(readFileSync(file)));
    const grams = new Map([128, 384].map((columns) => [columns, correlated(columns, 600, columns)]));
    const linear = [...state].filter(([name]) => /layers\.3\..*_proj/.test(name));
    expect(linear.length).toBe(7);
    for (const [name, tensor] of linear) {
      const input = { name, codecs, tensor, statistics: grams.get(tensor.shape[1]!)! };
      const [plain, better, quantized] = [magnitude(), sparseGpt(), compose(sparseGpt(), gptq(int4))].map(
        (recipe) => compressOne(recipe, input).report,
      );
      expect([plain, better, quantized].map((report) => report!.bitsPerWeight)).toEqual([9, 9, 3.5]);
      expect([name, better!.outputError! < 0.5 * plain!.outputError!]).toEqual([name, true]);
    }
  });
});

test('SparseGPT by blocks loses less of the outputs than magnitude and Wanda', () => {
  const input = { name: 'w', codecs, tensor: weight(64, 256, 5), statistics: correlated(256, 600, 6) };
  for (const block of [
    [1, 4],
    [16, 1],
    [16, 16],
  ] as const) {
    const error = (recipe: (config: PruneConfig) => Recipe): number =>
      compressOne(recipe({ pattern: { sparsity: 0.5, block } }), input).report.outputError!;
    expect(error(sparseGpt)).toBeLessThan(error(wanda));
    expect(error(sparseGpt)).toBeLessThan(error(magnitude));
  }
});
