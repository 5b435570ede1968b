// Deformable attention with keys: each query samples keys and values of its own, and attends to those.
import { normalNumbers } from '@tilewright/kernels';
import { expectWithin } from '@tilewright/tooling/expect-within';
import { interleaved, plainAttention, rowsOfHead } from '@tilewright/tooling/plain-attention';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampledPointAttention } from './sampled-points.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openTestDevice();
});
afterAll(() => opened?.dispose());

const expectClose = expectWithin(3e-6);
const [heads, size] = [2, 8];
const token = (x: Float32Array, index: number | undefined, head: number): number[] =>
  Array.from({ length: size }, (_, d) => (index === undefined ? 0 : x[(index * heads + head) * size + d]!));

// SwiftShader gets its share by the checks; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(
  `points of a grid (${testProfile.name})`,
  () => {
    test('queries attend to trilinear samples of their own; without offsets to gathered tokens', async () => {
      const { device } = opened;
      const [depth, height, width, queries, points] = [2, 3, 4, 7, 5] as const;
      const tokens = depth * height * width;
      const [k, v] = [normalNumbers(tokens * heads * size, 5), normalNumbers(tokens * heads * size, 6)];
      const q = normalNumbers(queries * heads * size, 7);
      const anchors = Array.from({ length: queries * points }, (_, i) => (i * 5) % tokens);
      const attend = async (offsetOf: (i: number) => number) => {
        const coordinates = Float32Array.from(
          anchors.flatMap((at, place) =>
            Array.from({ length: heads }, (_, head) =>
              [Math.floor(at / height / width), Math.floor(at / width) % height, at % width].map(
                (value, axis) => value + offsetOf((place * heads + head) * 3 + axis),
              ),
            ).flat(),
          ),
        );
        const { buffersAlive } = device.counters;
        const inputs = {
          q: device.tensor([1, queries, heads, size], q),
          k: device.tensor([1, tokens, heads, size], k),
          v: device.tensor([1, tokens, heads, size], v),
          coordinates: device.tensor([1, queries, points, heads, 3], coordinates),
        };
        const { y } = await sampledPointAttention(device, inputs, { grid: [depth, height, width] });
        expect(device.counters.buffersAlive).toBe(buffersAlive + 5);
        return { y: await y.read(), coordinates };
      };
      /** Trilinear by a sum over all tokens of products of hats: another way than the kernel's corners. */
      const between = (x: Float32Array, place: ArrayLike<number>, head: number): number[] =>
        Array.from({ length: size }, (_, d) => {
          let sum = 0;
          for (let at = 0; at < tokens; at++) {
            const corner = [Math.floor(at / height / width), Math.floor(at / width) % height, at % width];
            const weight = corner.reduce(
              (all, c, axis) => all * Math.max(0, 1 - Math.abs(c - place[axis]!)),
              1,
            );
            sum += weight * x[(at * heads + head) * size + d]!;
          }
          return sum;
        });
      const written = (rowOf: (x: Float32Array, place: number, head: number) => number[]): number[] =>
        interleaved(
          Array.from({ length: heads }, (_, head) =>
            rowsOfHead(q, heads, size, head).map((row, query) => {
              const rows = (x: Float32Array): number[][] =>
                Array.from({ length: points }, (_unused, point) => rowOf(x, query * points + point, head));
              return plainAttention([row], rows(k), rows(v))[0]!;
            }),
          ),
        );
      const still = await attend(() => 0);
      expectClose(
        still.y,
        written((x, place, head) => token(x, anchors[place], head)),
      );
      const offsets = normalNumbers(queries * points * heads * 3, 8);
      const moved = await attend((i) => offsets[i]!);
      expectClose(
        moved.y,
        written((x, place, head) =>
          between(
            x,
            moved.coordinates.subarray((place * heads + head) * 3, (place * heads + head) * 3 + 3),
            head,
          ),
        ),
        5e-6,
      );
    });
  },
);

test('points of a grid with other axes are refused', async () => {
  const { device } = opened;
  const rows = device.tensor([1, 6, 2, 4]);
  const inputs = { q: rows, k: rows, v: rows, coordinates: device.tensor([1, 6, 5, 2, 3]) };
  await expect(sampledPointAttention(device, inputs, { grid: [2, 3] })).rejects.toThrowError(
    "[sampledPointAttention] 'coordinates' is [1, 6, 5, 2, 3]; [batch, queries, points, heads, axes] is [1, 6, 5, 2, 2] here. " +
      'Fix: give a tensor of that shape.',
  );
});
