// VSA: windows that are not moved are plain ones, whole offsets are a shifted gather, anything else is bilinear.
import { normalNumbers } from '@tilewright/kernels';
import { windowOrder } from '@tilewright/kernels/attention';
import { gridBias } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { runKernel, type Tensor } from '@tilewright/runtime';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { interleaved, plainAttention } from '@tilewright/tooling/plain-attention';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { variedWindowAttention } from './varied-windows.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

type Numbers = Float32Array<ArrayBuffer>;
type Pair = readonly [number, number];
type Of = (row: number, window: number, head: number, axis: number) => number;
const expectClose = expectWithin(3e-6);
const [batch, heads, size, valueSize] = [2, 2, 8, 5];

interface Case {
  readonly grid: Pair;
  readonly window: Pair;
  readonly data: Readonly<Record<'q' | 'k' | 'v', Numbers>>;
  readonly scaleOf: Of;
  readonly offsetOf: Of;
}
const caseOf = (grid: Pair, window: Pair, scaleOf: Of, offsetOf: Of): Case => {
  const rows = batch * grid[0] * grid[1] * heads;
  const data = {
    q: normalNumbers(rows * size, 2),
    k: normalNumbers(rows * size, 3),
    v: normalNumbers(rows * valueSize, 4),
  };
  return { grid, window, data, scaleOf, offsetOf };
};
const windowsOf = ({ grid, window }: Case): number => (grid[0] / window[0]) * (grid[1] / window[1]);
const tensorsOf = ({ grid, data }: Case): Record<'q' | 'k' | 'v', Tensor> => {
  const { device } = opened;
  const tokens = grid[0] * grid[1];
  return {
    q: device.tensor([batch, tokens, heads, size], data.q),
    k: device.tensor([batch, tokens, heads, size], data.k),
    v: device.tensor([batch, tokens, heads, valueSize], data.v),
  };
};
/** `[batch, windows, heads, 2]`. */
const movesOf = (given: Case, of: Of): Tensor => {
  const windows = windowsOf(given);
  const numbers = Float32Array.from({ length: batch * windows * heads * 2 }, (_, i) =>
    of(
      Math.floor(i / 2 / heads / windows),
      Math.floor(i / 2 / heads) % windows,
      Math.floor(i / 2) % heads,
      i % 2,
    ),
  );
  return opened.device.tensor([batch, windows, heads, 2], numbers);
};
const attend = async (given: Case): Promise<Numbers> => {
  const { grid, window, scaleOf, offsetOf } = given;
  const { y } = await variedWindowAttention(
    opened.device,
    { ...tensorsOf(given), scales: movesOf(given, scaleOf), offsets: movesOf(given, offsetOf) },
    { grid, window },
  );
  return (await y.read()) as Numbers;
};

/** The row of a head at a fractional place, by hats over all tokens: another way than the kernel's corners. Zeros outside. */
function rowAt(given: Case, x: Numbers, channels: number, row: number, head: number, place: Pair): number[] {
  const [height, width] = given.grid;
  return Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let at = 0; at < height * width; at++) {
      const corner = [Math.floor(at / width), at % width];
      const weight = corner.reduce(
        (all, each, axis) => all * Math.max(0, 1 - Math.abs(each - place[axis]!)),
        1,
      );
      if (weight > 0) sum += weight * x[((row * height * width + at) * heads + head) * channels + c]!;
    }
    return sum;
  });
}

/** The formula written out; places that are whole are tokens, others lie between four of them. */
function written(given: Case): number[] {
  const { grid, window, data, scaleOf, offsetOf } = given;
  const across = grid[1] / window[1];
  const rows = Array.from({ length: batch }, (_, row) =>
    interleaved(
      Array.from({ length: heads }, (_head, head) => {
        const out: number[][] = [];
        for (let index = 0; index < windowsOf(given); index++) {
          const first = [Math.floor(index / across) * window[0], (index % across) * window[1]];
          const members = Array.from({ length: window[0] * window[1] }, (_member, i): Pair => [
            first[0]! + Math.floor(i / window[1]),
            first[1]! + (i % window[1]),
          ]);
          const places = members.map((member) =>
            member.map((at, axis) => {
              const centre = first[axis]! + (window[axis]! - 1) / 2;
              const scale = 1 + scaleOf(row, index, head, axis);
              return centre + (at - centre) * scale + offsetOf(row, index, head, axis);
            }),
          ) as unknown as Pair[];
          const y = plainAttention(
            members.map((member) => rowAt(given, data.q, size, row, head, member)),
            places.map((place) => rowAt(given, data.k, size, row, head, place)),
            places.map((place) => rowAt(given, data.v, valueSize, row, head, place)),
          );
          members.forEach(([r, c], i) => (out[r * grid[1] + c] = y[i]!));
        }
        return out;
      }),
    ),
  );
  return rows.flat();
}

const still: Of = () => 0;
/** Numbers of small size, other ones for every window, head and axis. */
const drawn =
  (seed: number, size: number): Of =>
  (row, window, head, axis) =>
    Math.fround(size * Math.sin(seed + 7 * row + 3.1 * window + 1.7 * head + 5.3 * axis));

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(
  `windows of varied size (${testProfile.name})`,
  () => {
    test('not moved: plain windows', async () => {
      const given = caseOf([6, 9], [3, 3], still, still);
      const order = windowOrder({ grid: given.grid, window: given.window });
      const got = await attend(given);
      const { q, k, v } = tensorsOf(given);
      const inWindows = (x: Tensor, shape: readonly number[]): Tensor => ({ ...x, shape });
      const rows = batch * order.windows;
      const { y } = await runKernel(opened.device, flashAttention, {
        inputs: {
          q: inWindows(q, [rows, order.tokens, heads, size]),
          k: inWindows(k, [rows, order.tokens, heads, size]),
          v: inWindows(v, [rows, order.tokens, heads, valueSize]),
        },
        options: order.strides,
      });
      expectClose(got, await y.read());
      expectClose(got, written(given));
    });

    test('whole offsets are a shifted gather, and what is outside stays in the softmax as zeros', async () => {
      const given = caseOf(
        [6, 6],
        [3, 3],
        still,
        (_, window, head, axis) => [2, -1, -3, 1][2 * head + axis]! + (window % 2),
      );
      expectClose(await attend(given), written(given));
    });

    test.each<[string, Pair, Pair]>([
      ['of odd sizes', [6, 9], [3, 3]],
      ['of even sizes', [4, 12], [2, 4]],
      ['of 81 tokens', [9, 18], [9, 9]],
    ])('scaled and moved by fractions: windows %s', async (_, grid, window) => {
      const given = caseOf(grid, window, drawn(1, 0.6), drawn(2, 1.5));
      expectClose(await attend(given), written(given), 5e-6);
    });

    test('a bias of the window is added; intermediate tensors are freed', async () => {
      const { device } = opened;
      const given = caseOf([6, 6], [3, 3], drawn(1, 0.6), drawn(2, 1.5));
      const inputs = {
        ...tensorsOf(given),
        scales: movesOf(given, drawn(1, 0.6)),
        offsets: movesOf(given, drawn(2, 1.5)),
      };
      const shape = { grid: given.grid, window: given.window };
      const slots = { score: gridBias({ height: 3, width: 3 }) };
      const table = (numbers: Numbers): Tensor => device.tensor([heads, 25], numbers);
      const [zeros, drawnTable] = [table(new Float32Array(heads * 25)), table(normalNumbers(heads * 25, 9))];
      const { buffersAlive } = device.counters;
      const [plain, same, other] = [
        await variedWindowAttention(device, inputs, shape),
        await variedWindowAttention(device, { ...inputs, 'score.table': zeros }, { ...shape, slots }),
        await variedWindowAttention(device, { ...inputs, 'score.table': drawnTable }, { ...shape, slots }),
      ];
      expect(device.counters.buffersAlive).toBe(buffersAlive + 3);
      const want = await plain.y.read();
      expectClose(await same.y.read(), want);
      const got = await other.y.read();
      expect(Math.max(...want.map((value, i) => Math.abs(value - got[i]!)))).toBeGreaterThan(0.1);
    });
  },
);

describe('refused', () => {
  const like = (...shape: number[]): Tensor => opened.device.tensor(shape);
  const tensors = () => ({
    q: like(1, 36, 2, 8),
    k: like(1, 36, 2, 8),
    v: like(1, 36, 2, 4),
    scales: like(1, 4, 2, 2),
    offsets: like(1, 4, 2, 2),
  });

  test('offsets of other windows', async () => {
    await expect(
      variedWindowAttention(
        opened.device,
        { ...tensors(), offsets: like(1, 9, 2, 2) },
        { grid: [6, 6], window: [3, 3] },
      ),
    ).rejects.toThrowError(
      "[variedWindowAttention] 'offsets' is [1, 9, 2, 2]; [batch, windows, heads, 2] is [1, 4, 2, 2] here. " +
        'Fix: give a tensor of that shape.',
    );
  });

  test('a tensor of no filling', async () => {
    await expect(
      variedWindowAttention(
        opened.device,
        { ...tensors(), 'score.table': like(2, 25) },
        { grid: [6, 6], window: [3, 3] },
      ),
    ).rejects.toThrowError(/score\.table/);
  });
});
