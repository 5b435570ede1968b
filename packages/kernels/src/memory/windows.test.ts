// Windows, shifted windows, rows and columns, time and space: attention in place equals attention written otherwise.
import { type Kernel, normalNumbers, type ProblemInput } from '@tilewright/kernels';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { interleaved, plainAttention, rowsOfHead } from '@tilewright/tooling/plain-attention';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { booleanMask, shiftedWindowMask } from '../attention/fillings/index.ts';
import { flashAttention } from '../attention/flash-attention/index.ts';
import { roll } from '../grid/roll/index.ts';
import { shortAttention } from '../attention/short-attention/index.ts';
import { attentionCase, attentionCheck } from '../attention/check-cases.ts';
import { windowOrder } from './windows.ts';

const windows = { grid: [6, 4], window: [3, 2] };
testKernel(
  attentionCheck(flashAttention, [
    attentionCase([1, 1, 1, 1, 1, 4], {
      slots: { mask: shiftedWindowMask({ grid: [1], window: [1], shift: [0] }) },
    }),
    attentionCase([8, 6, 6, 2, 1, 8], {
      options: windowOrder(windows).strides,
      slots: { mask: shiftedWindowMask({ ...windows, shift: [1, 1] }) },
    }),
    attentionCase([16, 64, 64, 1, 1, 8], {
      name: 'two clips of 4 x 8 x 16',
      slots: { mask: shiftedWindowMask({ grid: [4, 8, 16], window: [2, 4, 8], shift: [1, 0, 5] }) },
    }),
  ]),
);

type Options = NonNullable<ProblemInput['options']>;
const expectClose = expectWithin(3e-6);
const [heads, size] = [2, 8];

// SwiftShader gets its share by the cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`windows (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const draw = (tokens: number): Float32Array<ArrayBuffer>[] =>
    [1, 2, 3].map((seed) => normalNumbers(tokens * heads * size, seed));

  /** Attention among `tokens` tokens of each of `batch` rows. */
  const attend = async (
    [q, k, v]: readonly Float32Array[],
    batch: number,
    tokens: number,
    options: Options = {},
    rest: Partial<ProblemInput> & { readonly allowed?: Uint32Array; readonly kernel?: Kernel } = {},
  ): Promise<Float32Array> => {
    const { device } = opened;
    const { allowed, kernel = flashAttention, ...more } = rest;
    const inputs: Record<string, Tensor> = {
      q: device.tensor([batch, tokens, heads, size], q!),
      k: device.tensor([batch, tokens, heads, size], k!),
      v: device.tensor([batch, tokens, heads, size], v!),
      ...(allowed && { 'mask.allowed': device.tensor([1, 1, tokens, tokens], allowed) }),
    };
    const { y } = await runKernel(device, kernel, { ...more, inputs, options });
    return (await y!.read()) as Float32Array;
  };

  /** Dense attention over the pairs of which `sees` says yes, written out. */
  const written = (data: readonly Float32Array[], sees: (a: number, b: number) => boolean): number[] =>
    interleaved(
      Array.from({ length: heads }, (_, head) => {
        const [q, k, v] = data.map((x) => rowsOfHead(x, heads, size, head));
        return plainAttention(q!, k!, v!, sees);
      }),
    );

  /** Places of a token, outermost axis first. */
  const placeOf = (grid: readonly number[], token: number): number[] =>
    grid.map((each, axis) => Math.floor(token / grid.slice(axis + 1).reduce((a, b) => a * b, 1)) % each);

  test.each<[string, number[], number[], boolean, Kernel[]]>([
    ['windows on a plane', [6, 8], [3, 4], false, [flashAttention, shortAttention]],
    ['rows', [5, 7], [1, 7], false, [shortAttention]],
    ['time', [4, 3, 5], [4, 1, 1], false, [flashAttention, shortAttention]],
    ['space', [4, 3, 5], [1, 3, 5], false, [flashAttention, shortAttention]],
    ['blocks of a clip', [4, 6, 4], [2, 3, 2], false, [shortAttention]],
    ['tokens at equal distances', [6, 8], [3, 2], true, [flashAttention, shortAttention]],
    ['every third token of a row', [24], [8], true, [shortAttention]],
    ['single tokens', [2, 3], [1, 1], false, [shortAttention]],
  ])('%s in place equal dense attention with their mask', async (_, grid, window, dilated, kernels) => {
    const tokens = grid.reduce((a, b) => a * b, 1);
    const data = draw(tokens);
    const order = windowOrder({ grid, window, dilated });
    const windowOf = (token: number): string =>
      placeOf(grid, token)
        .map((at, axis) => (dilated ? at % (grid[axis]! / window[axis]!) : Math.floor(at / window[axis]!)))
        .join();
    const want = written(data, (a, b) => windowOf(a) === windowOf(b));
    for (const kernel of kernels)
      expectClose(await attend(data, order.windows, order.tokens, order.strides, { kernel }), want);
  });

  // Divided space-time attention against the masks of the same kernels, not only the formula.
  test.each([
    [[1, 3, 5], flashAttention],
    [[4, 1, 1], shortAttention],
  ] as const)('windows of %s of a clip by order equal windows by mask', async (window, kernel) => {
    const grid = [4, 3, 5];
    const data = draw(60);
    const order = windowOrder({ grid, window });
    const windowOf = (token: number): string =>
      placeOf(grid, token)
        .map((at, axis) => Math.floor(at / window[axis]!))
        .join();
    const byMask = await attend(data, 1, 60, undefined, {
      kernel,
      slots: { mask: booleanMask({ queries: true }) },
      allowed: Uint32Array.from({ length: 3600 }, (_, i) =>
        windowOf(Math.floor(i / 60)) === windowOf(i % 60) ? 1 : 0,
      ),
    });
    expectClose(await attend(data, order.windows, order.tokens, order.strides, { kernel }), byMask);
  });

  test('columns of two pictures equal rows of the transposed pictures', async () => {
    const [pictures, height, width] = [2, 5, 3];
    const data = draw(pictures * height * width);
    const order = windowOrder({ grid: [height, width], window: [height, 1] });
    const got = await attend(data, pictures * order.windows, order.tokens, order.strides);
    /** [pictures, rows, columns, …] to [pictures, columns, rows, …]. */
    const transposed = (x: Float32Array, rows: number, columns: number): Float32Array =>
      Float32Array.from(x, (_unused, i) => {
        const [at, rest] = [Math.floor(i / heads / size), i % (heads * size)];
        const [picture, column, row] = placeOf([pictures, columns, rows], at);
        return x[((picture! * rows + row!) * columns + column!) * heads * size + rest]!;
      });
    const rows = await attend(
      data.map((x) => transposed(x, height, width)),
      pictures * width,
      height,
    );
    expectClose(got, transposed(rows, width, height));
  });

  test.each([flashAttention, shortAttention])(
    'shifted windows: rolled, masked as Swin does, rolled back ($name)',
    async (kernel) => {
      const { device } = opened;
      const [height, width, window, shift, pictures] = [8, 12, 4, 2, 2];
      const tokens = height * width;
      const data = draw(pictures * tokens);
      const order = windowOrder({ grid: [height, width], window: [window, window] });
      const rolled = async (x: Float32Array, steps: string): Promise<Float32Array> => {
        const { y } = await runKernel(device, roll, {
          inputs: { x: device.tensor([pictures, tokens, heads * size], x) },
          options: { grid: `${height}x${width}`, shift: steps },
        });
        return (await y.read()) as Float32Array;
      };
      const moved = await Promise.all(data.map((x) => rolled(x, `-${shift} -${shift}`)));
      const inside = await attend(moved, pictures * order.windows, order.tokens, order.strides, {
        kernel,
        slots: {
          mask: shiftedWindowMask({ grid: [height, width], window: [window, window], shift: [shift, shift] }),
        },
      });
      const got = await rolled(inside, `${shift} ${shift}`);

      // Swin numbers the regions of the rolled picture, cut at -window and -shift, and lets a window's tokens of one region meet.
      const cut = (at: number, length: number): number =>
        at < length - window ? 0 : at < length - shift ? 1 : 2;
      const meet = (a: number, b: number): boolean => {
        const [one, other] = [a, b].map((token) => {
          const [row, column] = placeOf([height, width], token);
          const [r, c] = [(row! - shift + height) % height, (column! - shift + width) % width];
          const at = [Math.floor(r / window), Math.floor(c / window)];
          return [...at, cut(r, height), cut(c, width)].join();
        });
        return one === other;
      };
      const want = Array.from({ length: pictures }, (_, picture) => {
        const own = data.map((x) =>
          x.subarray(picture * tokens * heads * size, (picture + 1) * tokens * heads * size),
        );
        return written(own, meet);
      }).flat();
      expectClose(got, want);
    },
  );

  // Axial Transformers: rows whole and columns causally, moved down a row, tell a pixel of all rows above; rows causally,
  // moved right by a pixel, of its own row. What is moved is written between zeros, and read from there.
  test('autoregressive axial attention leaks nothing', async () => {
    const { device } = opened;
    const [height, width] = [5, 6];
    const [tokens, each] = [height * width, heads * size];
    const rowsOrder = windowOrder({ grid: [height, width], window: [1, width] });
    const columnsOrder = windowOrder({ grid: [height, width], window: [height, 1] });
    const same = (x: Float32Array): Float32Array[] => [x, x, x];
    /** Causal attention whose output lies a place later: the first place of `longer` is left as it was, zero. */
    const causal = async (
      x: Float32Array,
      batch: number,
      length: number,
      strides: Options,
      later: string,
    ) => {
      const longer = device.tensor(
        [batch, length + 1, heads, size],
        new Float32Array(batch * (length + 1) * each),
      );
      const tensor = device.tensor([batch, length, heads, size], x);
      await runKernel(device, flashAttention, {
        inputs: { q: tensor, k: tensor, v: tensor },
        outputs: { y: { ...longer, shape: [batch, length, heads, size] } },
        options: { ...strides, causal: true, y_strides: later },
      });
      return (await longer.read()) as Float32Array;
    };
    const model = async (x: Float32Array): Promise<Float32Array> => {
      const seen = await attend(same(x), height, width, rowsOrder.strides);
      const above = await causal(
        seen,
        width,
        height,
        columnsOrder.strides,
        `b s+1/${height + 1} b:${width} h d`,
      );
      const upper = x.map((value, i) => value + above[i]!);
      const left = await causal(upper, height, width, rowsOrder.strides, `b s+1/${width + 1} h d`);
      // Rows of `left` are a place longer.
      return Float32Array.from({ length: tokens * each }, (_, i) => {
        const row = Math.floor(i / each / width);
        return above[i]! + left[i + row * each]!;
      });
    };
    const x = normalNumbers(tokens * each, 9);
    const before = await model(x);
    expect(before.subarray(0, each).every((value) => value === 0)).toBe(true);
    for (const pixel of [0, 9, 17, 28]) {
      const touched = x.slice();
      for (let i = 0; i < each; i++) touched[pixel * each + i]! += 1;
      const after = await model(touched);
      const cut = (pixel + 1) * each;
      expect(after.slice(0, cut)).toEqual(before.slice(0, cut));
      // Every later pixel hears of it.
      for (let other = pixel + 1; other < tokens; other++)
        expect(after.slice(other * each, (other + 1) * each)).not.toEqual(
          before.slice(other * each, (other + 1) * each),
        );
    }
  });
});

test('orders are what they are written for', () => {
  const orderOf = (grid: number[], window: number[], dilated = false): string =>
    windowOrder({ grid, window, dilated }).strides.q_strides;
  expect(orderOf([56, 56], [7, 7])).toBe('b b:8 s b:8 s:7 h d');
  expect(orderOf([14, 3], [14, 1])).toBe('b s b:3 h d');
  expect(orderOf([8, 14, 14], [8, 1, 1])).toBe('b s b:14 b:14 h d');
  expect(orderOf([56, 56], [7, 7], true)).toBe('b s b:8 s:7 b:8 h d');
  expect(windowOrder({ grid: [8, 14, 14], window: [2, 7, 7] })).toMatchObject({ windows: 16, tokens: 98 });
});

test.each<[string, () => unknown, string]>([
  [
    'a window that does not divide',
    () => windowOrder({ grid: [56, 50], window: [7, 7] }),
    '[windowOrder] windows of 7 do not divide axis 1 of the grid, which has 50; all windows are whole. Fix: pad the grid, and ' +
      'mask what was added.',
  ],
  [
    'a window of other axes',
    () => windowOrder({ grid: [56, 56], window: [7] }),
    '[windowOrder] the grid has 2 axes, and the window 1; a window has a size along each axis of the grid. Fix: give as many ' +
      'sizes.',
  ],
  [
    'a size that is none',
    () => windowOrder({ grid: [56, 56], window: [7, 0] }),
    '[windowOrder] window is [7, 0]; it must be a list, of which each is a positive integer. Fix: give a list, of which each ' +
      'is a positive integer.',
  ],
  [
    'a mask of windows that do not divide',
    () => shiftedWindowMask({ grid: [8, 9], window: [4, 4], shift: [2, 2] }),
    '[shiftedWindowMask] windows of 4 do not divide axis 1 of the grid, which has 9; all windows are whole. Fix: pad the grid, ' +
      'and mask what was added.',
  ],
  [
    'a shift of a window',
    () => shiftedWindowMask({ grid: [8, 8], window: [4, 4], shift: [4, 0] }),
    '[shiftedWindowMask] windows of 4 x 4 are shifted by 4, 0; a shift is a number of tokens along each axis, fewer than a ' +
      'window has. Fix: shift by half a window.',
  ],
])('%s is refused', (_, make, message) => {
  expect(make).toThrowError(message);
});
