import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '../../contract/contract.ts';
import { normalNumbers } from '../../numbers/philox.ts';
import { check } from './check.ts';
import { gatedScan } from './index.ts';

testKernel(check);

type Numbers = Float32Array<ArrayBuffer>;
interface Sequence {
  readonly shape: readonly [batch: number, tokens: number, channels: number];
  readonly a: Numbers;
  readonly b: Numbers;
  readonly initial?: Numbers;
  readonly reverse?: boolean;
}

const folder = join(
  process.env['TILEWRIGHT_SHARED'] ?? join(import.meta.dirname, '../../../../../../shared'),
  'conformance/mixers',
);
const isThere = existsSync(folder);
if (!isThere) console.log(`skipped: there are no published vectors in ${folder}`);

interface StoredTensor {
  readonly shape: readonly number[];
  readonly offset: number;
  readonly bytes: number;
}
interface StoredCase {
  readonly name: string;
  readonly op: string;
  readonly attrs: { readonly reverse?: number };
  readonly inputs: readonly (StoredTensor | null)[];
  readonly outputs: readonly (StoredTensor | null)[];
}

describe.skipIf(testProfile.compileOnly)('on a device', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  /** One of the Plans, by variant. */
  const planOf = (variant: string, shape: Sequence['shape']): Plan => {
    const [batch, tokens, channels] = shape;
    const problem = gatedScan.problem({ axes: { batch, tokens, channels } });
    return gatedScan.plans(problem, opened.capabilities).find((plan) => plan.variant === variant)!;
  };

  async function scan(sequence: Sequence, variant: string): Promise<{ h: Numbers; final: Numbers }> {
    const { device } = opened;
    const { shape, a, b, initial, reverse = false } = sequence;
    const tensors = await runKernel(device, gatedScan, {
      inputs: {
        a: device.tensor(shape, a),
        b: device.tensor(shape, b),
        ...(initial && { initial: device.tensor([shape[0], shape[2]], initial) }),
      },
      options: { states: initial ? 'both' : 'final', reverse },
      plan: planOf(variant, shape),
    });
    const [h, final] = await Promise.all([tensors.h.read(), tensors.final.read()]);
    return { h: h as Numbers, final: final as Numbers };
  }

  const largestDifference = (got: Numbers, want: ArrayLike<number>): number =>
    got.reduce((most, value, i) => Math.max(most, Math.abs(value - want[i]!)), 0);

  const draw = (shape: Sequence['shape'], seed: number): Sequence => {
    const count = shape[0] * shape[1] * shape[2];
    const [x, b] = [normalNumbers(count, seed), normalNumbers(count, seed + 1)];
    return { shape, a: x.map((value) => 1 / (1 + Math.exp(-2 - value))), b };
  };

  // Skipped where the vectors are not at hand; the line above says so.
  test.skipIf(!isThere)('published vectors, by both forms', async () => {
    const stored = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as StoredCase[];
    const bytes = readFileSync(join(folder, 'cases.bin'));
    const read = (tensor: StoredTensor | null | undefined): Numbers | undefined =>
      tensor
        ? new Float32Array(
            bytes.buffer.slice(
              bytes.byteOffset + tensor.offset,
              bytes.byteOffset + tensor.offset + tensor.bytes,
            ) as ArrayBuffer,
          )
        : undefined;
    const cases = stored.filter(({ op }) => op === 'GatedScan');
    expect(cases.length).toBeGreaterThanOrEqual(12);
    const wrong: string[] = [];
    for (const { name, attrs, inputs, outputs } of cases)
      for (const variant of ['walk', 'chunks']) {
        const initial = read(inputs[2]);
        const got = await scan(
          {
            shape: inputs[0]!.shape as unknown as Sequence['shape'],
            a: read(inputs[0])!,
            b: read(inputs[1])!,
            ...(initial && { initial }),
            reverse: attrs.reverse === 1,
          },
          variant,
        );
        for (const [result, want] of [
          [got.h, read(outputs[0])],
          [got.final, read(outputs[1])],
        ] as const) {
          if (!want) continue;
          const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          if (!(largestDifference(result, want) <= 2e-5 * largest + 1e-6)) wrong.push(`${name}, ${variant}`);
        }
      }
    expect(wrong).toEqual([]);
  });

  test.each(['walk', 'chunks'])(
    'a whole sequence equals its parts one after the other (%s)',
    async (variant) => {
      const whole = draw([1, 150, 6], 5);
      const part = (from: number, to: number, initial?: Numbers): Sequence => ({
        shape: [1, to - from, 6],
        a: whole.a.slice(from * 6, to * 6),
        b: whole.b.slice(from * 6, to * 6),
        ...(initial && { initial }),
      });
      const first = await scan(part(0, 61), variant);
      const second = await scan(part(61, 150, first.final), variant);
      const all = await scan(whole, variant);
      expect(largestDifference(all.h, [...first.h, ...second.h])).toBeLessThan(1e-5);
      expect(largestDifference(all.final, second.final)).toBeLessThan(1e-5);
    },
  );

  test('backwards is forwards of the sequence turned round', async () => {
    const sequence = draw([1, 77, 4], 9);
    const turned = (x: Numbers): Numbers => x.map((_, i) => x[(76 - Math.floor(i / 4)) * 4 + (i % 4)]!);
    for (const variant of ['walk', 'chunks']) {
      const backwards = await scan({ ...sequence, reverse: true }, variant);
      const forwards = await scan({ ...sequence, a: turned(sequence.a), b: turned(sequence.b) }, variant);
      expect([...backwards.h]).toEqual([...turned(forwards.h)]);
      expect([...backwards.final]).toEqual([...forwards.final]);
    }
  });

  test('what comes later changes nothing before it', async () => {
    const sequence = draw([1, 90, 4], 13);
    const touched = { ...sequence, b: sequence.b.map((value, i) => (i >= 50 * 4 ? value + 1 : value)) };
    for (const variant of ['walk', 'chunks']) {
      const [before, after] = [await scan(sequence, variant), await scan(touched, variant)];
      expect(after.h.slice(0, 200)).toEqual(before.h.slice(0, 200));
      expect(after.h.slice(200).every((value, i) => value !== before.h[200 + i])).toBe(true);
    }
  });
});
