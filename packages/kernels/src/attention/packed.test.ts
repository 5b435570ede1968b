// Packed batches: ragged batch rows one after the other equal padded ones, and each of them alone.
import { normalStream } from '@tilewright/kernels';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeAttention } from './decode-attention/index.ts';
import { flashAttention } from './flash-attention/index.ts';
import { attentionCase, attentionCheck, mixedStorage } from './check-cases.ts';

/** The second row has all but the first tokens, the third none: starts beyond the tensors are cut to them. */
const wild = {
  q_starts: Uint32Array.of(0, 5, 99_999, 4_000_000_000),
  k_starts: Uint32Array.of(0, 3, 77_777, 2),
};

testKernel(
  attentionCheck(flashAttention, [
    attentionCase([3, 9, 12, 2, 1, 4], {
      axes: { tokens: 17, key_tokens: 20, bounds: 4 },
      options: { packed: true },
    }),
    attentionCase([5, 40, 70, 4, 2, 8, 5], {
      axes: { tokens: 83, key_tokens: 140, bounds: 6 },
      options: { packed: true, causal: true, k_strides: 'bshd', v_strides: 'bshd' },
      dtypes: mixedStorage,
    }),
    attentionCase([3, 9, 12, 2, 1, 4], {
      name: 'starts past the end',
      inputs: () => wild,
      axes: { tokens: 17, key_tokens: 20, bounds: 4 },
      options: { packed: true, causal: true },
    }),
  ]),
);

testKernel(
  attentionCheck(decodeAttention, [
    attentionCase([3, 2, 12, 2, 1, 4], {
      axes: { tokens: 5, key_tokens: 20, bounds: 4 },
      options: { packed: true },
    }),
    attentionCase([3, 2, 600, 4, 2, 8], {
      axes: { tokens: 5, key_tokens: 1300, bounds: 4 },
      options: { packed: true, causal: true },
      dtypes: mixedStorage,
    }),
  ]),
);

// SwiftShader gets its share above; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(
  `packed attention (${testProfile.name})`,
  () => {
    let opened: TestDevice;
    beforeAll(async () => {
      opened = await openTestDevice();
    });
    afterAll(() => opened?.dispose());

    const [heads, kvHeads, size] = [4, 2, 8];
    const queries = [7, 0, 33, 1];
    const keys = [9, 4, 40, 0];
    const startsOf = (counts: readonly number[]): Uint32Array<ArrayBuffer> => {
      let sum = 0;
      return Uint32Array.of(0, ...counts.map((count) => (sum += count)));
    };
    const [qStarts, kStarts] = [startsOf(queries), startsOf(keys)];
    const draw = (tokens: number, each: number, seed: number): Float32Array<ArrayBuffer> => {
      const normal = normalStream(seed);
      return Float32Array.from({ length: tokens * each }, () => normal());
    };
    const q = draw(qStarts.at(-1)!, heads * size, 1);
    const [k, v] = [2, 3].map((seed) => draw(kStarts.at(-1)!, kvHeads * size, seed)) as [
      Float32Array<ArrayBuffer>,
      Float32Array<ArrayBuffer>,
    ];
    const options = { causal: true, lse: true };

    test.each([flashAttention, decodeAttention])('$name: packed = alone', async (kernel) => {
      const { device } = opened;
      const packed = await runKernel(device, kernel, {
        inputs: {
          q: device.tensor([qStarts.at(-1)!, heads, size], q),
          k: device.tensor([kStarts.at(-1)!, kvHeads, size], k),
          v: device.tensor([kStarts.at(-1)!, kvHeads, size], v),
          q_starts: device.tensor([5], qStarts),
          k_starts: device.tensor([5], kStarts),
        },
        axes: { batch: 4, queries: 33, keys: 40 },
        options: { ...options, packed: true },
      });
      const [y, lse] = [await packed.y.read(), await packed.lse.read()];
      expect(y.length).toBe(41 * heads * size);
      for (const b of [0, 2]) {
        const [from, to] = [qStarts[b]!, qStarts[b + 1]!];
        const keysHere = [kStarts[b]! * kvHeads * size, kStarts[b + 1]! * kvHeads * size] as const;
        const alone = await runKernel(device, kernel, {
          inputs: {
            q: device.tensor([1, to - from, heads, size], q.slice(from * heads * size, to * heads * size)),
            k: device.tensor([1, keys[b]!, kvHeads, size], k.slice(...keysHere)),
            v: device.tensor([1, keys[b]!, kvHeads, size], v.slice(...keysHere)),
          },
          options,
        });
        const [aloneY, aloneLse] = [await alone.y.read(), await alone.lse.read()];
        aloneY.forEach((value, i) => expect(y[from * heads * size + i]).toBeCloseTo(value, 5));
        aloneLse.forEach((value, i) => {
          const [head, row] = [Math.floor(i / (to - from)), i % (to - from)];
          expect(lse[head * 41 + from + row]).toBeCloseTo(value, 5);
        });
      }
      // The last row has a query and no keys.
      expect(y.slice(40 * heads * size).every((value) => value === 0)).toBe(true);
    });

    test('packed = padded with lengths', async () => {
      const { device } = opened;
      const some = [12, 1, 23];
      const [starts, longest] = [startsOf(some), 23];
      const total = starts.at(-1)!;
      const [pq, pk, pv] = [heads, kvHeads, kvHeads].map((each, i) => draw(total, each * size, 5 + i)) as [
        Float32Array<ArrayBuffer>,
        Float32Array<ArrayBuffer>,
        Float32Array<ArrayBuffer>,
      ];
      const pad = (tokens: Float32Array, each: number): Float32Array<ArrayBuffer> => {
        const padded = new Float32Array(3 * longest * each * size);
        some.forEach((count, b) =>
          padded.set(
            tokens.subarray(starts[b]! * each * size, (starts[b]! + count) * each * size),
            b * longest * each * size,
          ),
        );
        return padded;
      };
      const window = { alignment: 'start', window_left: 5, window_right: 2 };
      const packed = await runKernel(device, flashAttention, {
        inputs: {
          q: device.tensor([total, heads, size], pq),
          k: device.tensor([total, kvHeads, size], pk),
          v: device.tensor([total, kvHeads, size], pv),
          q_starts: device.tensor([4], starts),
          k_starts: device.tensor([4], starts),
        },
        axes: { batch: 3, queries: longest, keys: longest },
        options: { ...window, packed: true },
      });
      const padded = await runKernel(device, flashAttention, {
        inputs: {
          q: device.tensor([3, longest, heads, size], pad(pq, heads)),
          k: device.tensor([3, longest, kvHeads, size], pad(pk, kvHeads)),
          v: device.tensor([3, longest, kvHeads, size], pad(pv, kvHeads)),
          lengths: device.tensor([3], Uint32Array.from(some)),
        },
        options: { ...window, lengths: true },
      });
      const [y, whole] = [await packed.y.read(), await padded.y.read()];
      some.forEach((count, b) => {
        const width = heads * size;
        for (let i = 0; i < count * width; i++)
          expect(y[starts[b]! * width + i]).toBeCloseTo(whole[b * longest * width + i]!, 5);
      });
      expect(y.some((value) => Math.abs(value) > 0.1)).toBe(true);
    });
  },
);
