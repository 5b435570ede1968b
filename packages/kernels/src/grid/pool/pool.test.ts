import { normalNumbers, type ProblemInput } from '@tilewright/kernels';
import { runKernel } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { interleaved, plainAttention, rowsOfHead } from '@tilewright/tooling/plain-attention';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flashAttention } from '../../attention/flash-attention/index.ts';
import { shortAttention } from '../../attention/short-attention/index.ts';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { pool, pooledGrid } from './index.ts';

testKernel(check);

const expectClose = expectWithin(3e-6);
const [heads, size] = [2, 8];

/** Means over windows on a plane, written out: `taps` gives the tokens of each output. */
const meansOf = (rows: readonly number[][], windows: readonly (readonly number[])[]): number[][] =>
  windows.map((tokens) =>
    rows[0]!.map((_, d) => tokens.reduce((sum, token) => sum + rows[token]![d]!, 0) / tokens.length),
  );

// SwiftShader gets its share by the cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`pool (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const run = async (
    x: Float32Array,
    options: NonNullable<ProblemInput['options']>,
    weight?: Float32Array,
  ) => {
    const tokens = x.length / heads / size;
    const { y } = await runKernel(opened.device, pool, {
      inputs: {
        x: opened.device.tensor([1, tokens, heads, size], x),
        ...(weight && { weight: opened.device.tensor([weight.length / size, 1, size], weight) }),
      },
      axes: { out_tokens: pooledGrid(options).tokens },
      options,
    });
    return y;
  };

  test.each(['max', 'mean', 'weighted'])('a window of one token is the identity: %s', async (operation) => {
    const x = normalNumbers(30 * heads * size, 1);
    const weight = operation === 'weighted' ? new Float32Array(size).fill(1) : undefined;
    const y = await run(x, { grid: '2x3x5', operation }, weight);
    expect(await y.read()).toEqual(x);
  });

  // MViT: queries halved over rows and columns, keys and values pooled by other strides; nothing is a multiple of anything.
  // All three are slices of one projection, read where they lie.
  test('pooled queries attend to pooled keys and values: formula', async () => {
    const [rows, columns] = [5, 7];
    const width = heads * size;
    const projection = normalNumbers(rows * columns * 3 * width, 1);
    const [xq, xk, xv] = [0, 1, 2].map((slice) =>
      projection.filter((_, i) => Math.floor(i / width) % 3 === slice),
    );
    const packed = opened.device.tensor([rows * columns, 3, width], projection);
    const pooled = async (slice: number, how: NonNullable<ProblemInput['options']>) => {
      const options = { grid: `${rows}x${columns}`, x_strides: `b s ${slice}/3 h d`, ...how };
      const { y } = await runKernel(opened.device, pool, {
        inputs: { x: { ...packed, shape: [1, rows * columns, heads, size] } },
        axes: { out_tokens: pooledGrid(options).tokens },
        options,
      });
      return y;
    };
    const shortened = { window: '2x3', stride: '2x3', padding_end: '1x2' };
    const q = await pooled(0, { window: '3', stride: '2', padding: '1' });
    const [k, v] = [await pooled(1, shortened), await pooled(2, shortened)];
    const { y } = await runKernel(opened.device, flashAttention, {
      inputs: { q, k, v },
    });
    const tokens = (row: number, column: number, height: number, width: number): number[] =>
      Array.from({ length: height * width }, (_, i) => [row + Math.floor(i / width), column + (i % width)])
        .filter(([r, c]) => r! >= 0 && r! < rows && c! >= 0 && c! < columns)
        .map(([r, c]) => r! * columns + c!);
    const queryWindows = Array.from({ length: 12 }, (_, i) =>
      tokens(2 * Math.floor(i / 4) - 1, 2 * (i % 4) - 1, 3, 3),
    );
    const keyWindows = Array.from({ length: 9 }, (_, i) => tokens(2 * Math.floor(i / 3), 3 * (i % 3), 2, 3));
    const want = Array.from({ length: heads }, (_, head) => {
      const means = (x: Float32Array, windows: number[][]): number[][] =>
        meansOf(rowsOfHead(x, heads, size, head), windows);
      return plainAttention(means(xq!, queryWindows), means(xk!, keyWindows), means(xv!, keyWindows));
    });
    expectClose(await y.read(), interleaved(want));
  });

  // MViT pools the tokens of the picture only: both calls read and write within the same rows.
  test('a class token in front stays as it is', async () => {
    const options = { grid: '5x7', window: '3', stride: '2', padding: '1' };
    const { tokens } = pooledGrid(options);
    const row = heads * size;
    const x = normalNumbers(2 * 36 * row, 3);
    const { device } = opened;
    const whole = device.tensor([2, 36, heads, size], x);
    const y = device.tensor([2, 1 + tokens, heads, size]);
    const part = (count: number, first: number, how: NonNullable<ProblemInput['options']>) =>
      runKernel(device, pool, {
        axes: { batch: 2, heads, head_size: size, tokens: first === 0 ? 1 : 35, out_tokens: count },
        inputs: { x: { ...whole, shape: [2, first === 0 ? 1 : 35, heads, size] } },
        outputs: { y: { ...y, shape: [2, count, heads, size] } },
        options: {
          ...how,
          x_strides: `b s+${first}/36 h d`,
          y_strides: `b s+${first}/${1 + tokens} h d`,
        },
      });
    await part(1, 0, { grid: '1' });
    await part(tokens, 1, options);
    const got = await y.read();
    for (const image of [0, 1]) {
      const rows = x.subarray(image * 36 * row, (image + 1) * 36 * row);
      const pooled = await run(rows.slice(row), options);
      const want = [...rows.subarray(0, row), ...(await pooled.read())];
      expect([...got.subarray(image * (1 + tokens) * row, (image + 1) * (1 + tokens) * row)]).toEqual(want);
    }
  });

  // FaSA: windows of 3 x 3 at distances of 5 (= 2 · 2 + 1), unfolded with dilation 2 and averaged into 9 keys of mixed grain.
  test('the mean of all unfolded windows is one dilated mean', async () => {
    const [side, window, dilation, stride] = [15, 3, 2, 5];
    const x = normalNumbers(side * side * heads * size, 4);
    const options = { grid: '15x15', window: '3', dilation: `${stride}`, stride: `${dilation}` };
    expect(pooledGrid(options)).toEqual({ grid: '3x3', tokens: 9 });
    const k = await run(x, options);
    const unfolded = Array.from({ length: window * window }, (_, place) =>
      Array.from({ length: (side / stride) ** 2 }, (_unused, i) => {
        const row = Math.floor(i / 3) * stride + Math.floor(place / window) * dilation;
        return row * side + (i % 3) * stride + (place % window) * dilation;
      }),
    );
    const keys = Array.from({ length: heads }, (_, head) =>
      meansOf(rowsOfHead(x, heads, size, head), unfolded),
    );
    expectClose(await k.read(), interleaved(keys));
    const { y } = await runKernel(opened.device, shortAttention, {
      inputs: { q: opened.device.tensor([1, side * side, heads, size], x), k, v: k },
    });
    const want = keys.map((rows, head) => plainAttention(rowsOfHead(x, heads, size, head), rows, rows));
    expectClose(await y.read(), interleaved(want));
  });

  // Informer: a maximum over three tokens at a stride of two halves a sequence.
  test('distilling: the largest of three neighbours, every second token', async () => {
    const x = normalNumbers(9 * heads * size, 5);
    const y = await run(x, { grid: '9', window: '3', stride: '2', padding: '1', operation: 'max' });
    const width = heads * size;
    expect(Array.from(await y.read())).toEqual(
      Array.from({ length: 5 * width }, (_, i) => {
        const middle = 2 * Math.floor(i / width);
        const around = [middle - 1, middle, middle + 1].filter((token) => token >= 0 && token < 9);
        return Math.max(...around.map((token) => x[token * width + (i % width)]!));
      }),
    );
  });
});

test.each([
  [[8, 14, 14], '3', [1, 2, 2]],
  [[7, 9], '3x5', [3, 4]],
  [[50], '7', [8]],
] as const)('a grid of %s keeps ceil(size / stride) tokens an axis', (grid, window, stride) => {
  const padding = grid.map((_, i) => {
    const sizes = window.split('x');
    return (Number(sizes[i] ?? sizes[0]) - 1) / 2;
  });
  const counts = grid.map((each, i) => Math.ceil(each / stride[i]!));
  const options = { grid: grid.join('x'), window, stride: stride.join('x'), padding: padding.join('x') };
  expect(pooledGrid(options)).toEqual({
    grid: counts.join('x'),
    tokens: counts.reduce((product, count) => product * count, 1),
  });
});

const axes = { batch: 1, tokens: 12, out_tokens: 12, heads: 2, head_size: 4 };
test.each<[string, ProblemInput, string]>([
  [
    'a grid of another size',
    { axes, options: { grid: '3x5' } },
    'a grid of 3 x 5 has 15 places, and there are 12 tokens; every token has a place of its own. Fix: correct the option ' +
      "'grid', or the tensor.",
  ],
  [
    'no grid',
    { axes },
    "option 'grid' is ''; it gives one to three numbers from 1 up to 16777215, outermost axis first, such as '8x14x14'. Fix: give grid " +
      'such numbers.',
  ],
  [
    'a stride of other axes',
    { axes, options: { grid: '3x4', stride: '1x2x2' } },
    "option 'stride' is '1x2x2', and the grid '3x4'; there is a number for each axis of the grid, or one for all. Fix: give " +
      'stride 2 numbers, or one.',
  ],
  [
    'a window that does not fit',
    { axes, options: { grid: '3x4', window: '1x3', dilation: '2' } },
    'windows reach over 5 places of an axis that has 4, padding included; at least one window fits on every axis. Fix: change ' +
      "the option 'window', 'dilation' or 'padding'.",
  ],
  [
    'a reflection of more than there is',
    { axes, options: { grid: '3x4', padding: '3', edges: 'reflect' } },
    'an axis of 3 has a padding of 3, reflected; a reflection is no longer than what is reflected, less the edge itself. Fix: ' +
      'give less padding, or edges: outside.',
  ],
  [
    'padding counted in a maximum',
    { axes, options: { grid: '3x4', operation: 'max', count_padding: true } },
    "options 'count_padding' and operation 'max' are given together; only means count what is in a window. Fix: leave out " +
      "count_padding, or take operation 'mean'.",
  ],
  [
    'a stride of more than a shader counts',
    { axes, options: { grid: '3x4', stride: '16777216' } },
    "option 'stride' is '16777216'; it gives one to three numbers from 1 up to 16777215, outermost axis first, such as '8x14x14'. " +
      'Fix: give stride such numbers.',
  ],
  [
    'other out_tokens',
    { axes, options: { grid: '3x4', stride: '2' } },
    'there are 12 out_tokens; a window, stride, padding and dilation as given leave 2 x 2, that is 4. Fix: take out_tokens from ' +
      'pooledGrid.',
  ],
  [
    'a weight of other rows',
    { axes: { ...axes, window_tokens: 4, weight_heads: 1 }, options: { grid: '3x4', operation: 'weighted' } },
    "'weight' has 4 rows; a window of 1 x 1 has 1 tokens, with a row each. Fix: change 'weight', or the option 'window'.",
  ],
  [
    'a weight of other heads',
    { axes: { ...axes, window_tokens: 1, weight_heads: 3 }, options: { grid: '3x4', operation: 'weighted' } },
    "'weight' has 3 heads, and x 2; heads have weights of their own, or share one. Fix: give 'weight' as many heads, or 1.",
  ],
  [
    'an order that does not divide',
    { axes, options: { grid: '3x4', x_strides: 'b s s:5 h d' } },
    "option 'x_strides' is 'b s s:5 h d': s of size 12 has inner digits of 5; digits divide their axis. Fix: pad s to a multiple " +
      'of 5, or give it other digits.',
  ],
  [
    'an order without room',
    { axes, options: { grid: '3x4', x_strides: 'b s+1/12 h d' } },
    "option 'x_strides' is 'b s+1/12 h d': 12 values of s from place 1 on; memory has 12 places there, and more would overlap. " +
      'Fix: give s 13 places or more.',
  ],
])('%s is refused', (_, input, message) => {
  expect(() => checkProblem(pool, input)).toThrowError(`[pool] ${message}`);
});

test('no padding behind is another thing than as much as in front', () => {
  const options = { grid: '8', window: '3', padding: '2' };
  expect(pooledGrid(options).grid).toBe('10');
  for (const none of ['0', 0]) expect(pooledGrid({ ...options, padding_end: none }).grid).toBe('8');
});
