import { costOf, normalNumbers } from '@tilewright/kernels';
import { allKeys, booleanMask, gridBias, listedKeys, neighbourhood } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { gatherAttention } from './index.ts';

testKernel(check);

const [heads, size] = [2, 8];
const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  largest(Array.from(a, (value, i) => value - b[i]!));

/** Inputs of a row of tokens, or of several. */
const tensorsOf = (
  { device }: Awaited<ReturnType<typeof openTestDevice>>,
  queries: number,
  keys: number,
) => ({
  q: device.tensor([1, queries, heads, size], normalNumbers(queries * heads * size, 1)),
  k: device.tensor([1, keys, heads, size], normalNumbers(keys * heads * size, 2)),
  v: device.tensor([1, keys, heads, size], normalNumbers(keys * heads * size, 3)),
});

/** The first key of a window as NATTEN computes it (get_window_start), kernel sizes being odd. */
function nattenStart(index: number, length: number, kernel: number, dilation: number): number {
  const before = (kernel - 1) / 2;
  if (index - before * dilation < 0) return index % dilation;
  if (index + before * dilation >= length) {
    const remainder = index % dilation;
    const whole = Math.floor(length / dilation) * dilation;
    const rest = length - whole;
    if (remainder < rest) return length - rest + remainder - 2 * before * dilation;
    return whole + remainder - kernel * dilation;
  }
  return index - before * dilation;
}

// SwiftShader gets its share by the kernel's own cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('gather-attention', () => {
  test('lists in ascending order, one key each, equal attention masked to them', async () => {
    const opened = await openTestDevice();
    const { device, dispose } = opened;
    const [queries, keys, selected] = [19, 70, 6];
    const lists = Uint32Array.from(
      { length: queries * selected },
      (_, i) => (i * 13 + Math.floor(i / 6)) % keys,
    );
    const allowed = new Uint32Array(queries * keys);
    lists.forEach((key, i) => (allowed[Math.floor(i / selected) * keys + key] = 1));
    const inputs = tensorsOf(opened, queries, keys);
    const gathered = await runKernel(device, gatherAttention, {
      inputs: { ...inputs, 'select.keys': device.tensor([1, 1, queries, selected], lists) },
      slots: { select: listedKeys({ batch: false, heads: 1 }) },
      options: { causal: true, lse: true },
      axes: { selected },
    });
    const dense = await runKernel(device, flashAttention, {
      inputs: { ...inputs, 'mask.allowed': device.tensor([1, 1, queries, keys], allowed) },
      slots: { mask: booleanMask({ queries: true }) },
      options: { causal: true, lse: true },
    });
    const want = await dense.y.read();
    expect(largest(want)).toBeGreaterThan(0.5);
    expect(distance(await gathered.y.read(), want)).toBeLessThan(2e-6);
    expect(distance(await gathered.lse.read(), await dense.lse.read())).toBeLessThan(4e-6);
    dispose();
  });

  test('keys that are not there are never read, and one listed twice counts twice', async () => {
    const { device, dispose } = await openTestDevice();
    const [queries, selected] = [3, 4];
    // Key 0 is listed by nobody but the last, keys from 3 on are past the length: both would spoil whatever reads them.
    const rows = [NaN, 1, 2, NaN, NaN];
    const inputs = {
      q: device.tensor([1, queries, 1, 4], Array(12).fill(0)),
      k: device.tensor([1, 5, 1, 4], Array(20).fill(1)),
      v: device.tensor(
        [1, 5, 1, 4],
        rows.flatMap((row) => Array<number>(4).fill(row)),
      ),
      lengths: device.tensor([1], Uint32Array.of(3)),
      'select.keys': device.tensor(
        [1, 1, queries, selected],
        Uint32Array.of(1, 1, 1, 2, 3, 4, 2, 0xffff_ffff, 5, 77, 0xffff_ffff, 3),
      ),
    };
    const { y } = await runKernel(device, gatherAttention, {
      inputs,
      options: { lengths: true },
      axes: { selected },
    });
    expect([...(await y.read())]).toEqual([1.25, 2, 0].flatMap((value) => Array<number>(4).fill(value)));
    dispose();
  });

  test.each([
    ['a line', [23], [7], [1]],
    ['a line, dilated', [23], [5], [3]],
    ['a picture', [7, 9], [3, 5], [1, 1]],
    ['a picture, dilated along one axis', [11, 7], [3, 3], [3, 1]],
    ['a video', [4, 5, 6], [3, 3, 5], [1, 1, 1]],
    ['the whole grid', [5, 7], [5, 7], [1, 1]],
  ] as const)(
    'neighbourhood equals attention masked by NATTEN’s windows: %s',
    async (name, grid, kernel, dilation) => {
      const opened = await openTestDevice();
      const { device, dispose } = opened;
      const tokens = grid.reduce<number>((product, each) => product * each, 1);
      const coordinates = (token: number): number[] => {
        let rest = token;
        return [...grid]
          .toReversed()
          .map((each) => [rest % each, (rest = Math.floor(rest / each))][0]!)
          .toReversed();
      };
      const allowed = Uint32Array.from({ length: tokens * tokens }, (_, i) => {
        const [query, key] = [coordinates(Math.floor(i / tokens)), coordinates(i % tokens)];
        return Number(
          grid.every((length, axis) => {
            const step = dilation[axis]!;
            const first = nattenStart(query[axis]!, length, kernel[axis]!, step);
            const offset = key[axis]! - first;
            return offset >= 0 && offset % step === 0 && offset / step < kernel[axis]!;
          }),
        );
      });
      const windows = neighbourhood({ grid, kernel, dilation });
      for (let query = 0; query < tokens; query++)
        expect(allowed.subarray(query * tokens, (query + 1) * tokens).reduce((a, b) => a + b)).toBe(
          windows.selected,
        );
      const planar = grid.length === 2;
      const [height, width] = grid as readonly number[] as [number, number];
      const entries = (2 * height - 1) * (2 * width - 1);
      const bias = planar && {
        'score.table': device.tensor([heads, entries], normalNumbers(heads * entries, 4)),
      };
      const slots = planar ? { score: gridBias({ height, width }) } : {};
      const inputs = { ...tensorsOf(opened, tokens, tokens), ...bias };
      const near = await runKernel(device, gatherAttention, {
        inputs,
        slots: { ...slots, select: windows },
        axes: { selected: windows.selected },
      });
      const whole = name === 'the whole grid';
      const dense = await runKernel(device, flashAttention, {
        inputs: whole
          ? inputs
          : { ...inputs, 'mask.allowed': device.tensor([1, 1, tokens, tokens], allowed) },
        slots: whole ? slots : { ...slots, mask: booleanMask({ queries: true }) },
      });
      const want = await dense.y.read();
      expect(largest(want)).toBeGreaterThan(0.5);
      expect(distance(await near.y.read(), want)).toBeLessThan(2e-6);
      dispose();
    },
  );

  test('windows that lose what lies outside, and causal ones, equal windows of flash-attention', async () => {
    const opened = await openTestDevice();
    const { device, dispose } = opened;
    const inputs = tensorsOf(opened, 29, 29);
    for (const [settings, options] of [
      [{ edges: 'masked' }, { window_left: 3, window_right: 3 }],
      [{ causal: true }, { causal: true, window_left: 6 }],
    ] as const) {
      const windows = neighbourhood({ grid: [29], kernel: 7, ...settings });
      const near = await runKernel(device, gatherAttention, {
        inputs,
        slots: { select: windows },
        axes: { selected: 7 },
      });
      const want = await (await runKernel(device, flashAttention, { inputs, options })).y.read();
      expect(distance(await near.y.read(), want)).toBeLessThan(2e-6);
    }
    dispose();
  });
});

const gridAxes = (tokens: number, selected: number) => ({
  batch: 1,
  queries: tokens,
  keys: tokens,
  heads,
  kv_heads: heads,
  head_size: size,
  value_size: size,
  selected,
});

test('the cost of a neighbourhood is linear in the tokens', () => {
  const costs = [32, 64].map((side) => {
    const select = neighbourhood({ grid: [side, side], kernel: 7 });
    return costOf(check, gatherAttention.problem({ axes: gridAxes(side ** 2, 49), slots: { select } }));
  });
  expect(costs[1]).toEqual({ bytes: 4 * costs[0]!.bytes, flops: 4 * costs[0]!.flops });
});

describe('what does not fit is refused', () => {
  test('a grid that is not the tokens, a window of another size', () => {
    const select = neighbourhood({ grid: [5, 6], kernel: 3 });
    expect(() => checkProblem(gatherAttention, { axes: gridAxes(31, 9), slots: { select } })).toThrowError(
      '[gather-attention] a grid of 5 × 6 has 30 tokens; there are 31 queries and 31 keys; queries and keys are the tokens ' +
        'of the grid, row by row. Fix: give neighbourhood the sizes of your grid.',
    );
    expect(() => checkProblem(gatherAttention, { axes: gridAxes(30, 8), slots: { select } })).toThrowError(
      "[gather-attention] a neighbourhood of 3 × 3 has 9 keys; the axis 'selected' is 8; the axis counts the keys of a " +
        'query. Fix: give axes.selected as 9.',
    );
  });

  test('a window larger than the grid, sizes that are none, too few of them', () => {
    expect(() => neighbourhood({ grid: [9, 6], kernel: 3, dilation: [3, 4] })).toThrowError(
      '[neighbourhood] a window of 3 keys with dilation 4 is larger than axis 1 of 6 tokens; every query has its whole ' +
        'window on the grid. Fix: give a kernel of at most 1, or another dilation.',
    );
    expect(() => neighbourhood({ grid: [9], kernel: 2.5 })).toThrowError(
      '[neighbourhood] axis 0 has 9 tokens, kernel 2.5 and dilation 1; these are counts. Fix: give positive integers.',
    );
    expect(() => neighbourhood({ grid: [9, 9], kernel: [3] })).toThrowError(
      '[neighbourhood] kernel has 1 sizes and the grid 2; a grid has one to three axes, and everything else one value for ' +
        'each or one for all. Fix: give as many.',
    );
  });

  test('all keys, where the axis counts others', () => {
    expect(() =>
      checkProblem(gatherAttention, { axes: gridAxes(30, 8), slots: { select: allKeys } }),
    ).toThrowError(
      "[gather-attention] 30 keys are all to be seen; the axis 'selected' is 8; the axis counts the keys of a query. " +
        'Fix: give axes.selected as 30.',
    );
  });

  test.skipIf(testProfile.compileOnly)('lists of another shape', async () => {
    const opened = await openTestDevice();
    const lists = opened.device.tensor([1, heads, 3, 4], new Uint32Array(heads * 12));
    await expect(
      runKernel(opened.device, gatherAttention, {
        inputs: { ...tensorsOf(opened, 3, 5), 'select.keys': lists },
        axes: { selected: 5 },
      }),
    ).rejects.toThrowError(
      "[gather-attention] 'select.keys' has shape [1, 2, 3, 4]; it must be [batch, heads, queries, selected], here [1, 2, 3, 5]. " +
        "Fix: make 'select.keys' of that shape.",
    );
    opened.dispose();
  });
});
