import { checkCase } from '@tilewright/bench/verify';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { check as gateUp } from '../../products/gate-up/check.ts';
import { check as gemv } from '../../products/gemv/check.ts';
import { check as matmul } from '../../products/matmul/check.ts';
import { check as embedding } from '../../rows/embedding/check.ts';
import { packDense } from '../dense/index.ts';
import { nm } from '../n-m/index.ts';
import {
  dequantizeNf4,
  nf4,
  nf4Numbers,
  nf4Quantizer,
  type Nf4QuantizerOptions,
  packNf4,
  unpackNf4,
} from './index.ts';
import table from './table.wgsl';

test('numbers are those of bitsandbytes, to the bit, on the device too', () => {
  const bits = Array.from(nf4Numbers, (value) =>
    new Uint32Array(Float32Array.of(value).buffer)[0]!.toString(16).padStart(8, '0'),
  );
  expect(bits.join(' ')).toBe(
    'bf800000 bf3239b1 bf066b30 beca32a0 be91a24d be3d353f bdba7871 00000000 ' +
      '3da2faff 3e24cae3 3e7c04dd 3ead033a 3ee1a4b8 3f1007ab 3f3913b3 3f800000',
  );
  const written = [...table.matchAll(/-?\d+\.\d+(?=,)/g)].map(([text]) => Math.fround(Number(text)));
  expect(written).toEqual(nf4Numbers);
});

test('codes stand in nibbles, scales in halves, 4.25 bits a weight', () => {
  const codes = Uint8Array.from({ length: 64 }, (_, i) => i % 16);
  const tensor = packNf4({ codes, scales: Float32Array.of(2) }, [1, 64], nf4());
  expect([...new Uint32Array(tensor.bytes.buffer)].slice(0, 2)).toEqual([0x73625140, 0xfbead9c8]);
  expect([...dequantizeNf4(tensor)]).toEqual(Array.from(codes, (code) => 2 * nf4Numbers[code]!));
  expect(nf4().sections([64, 4096]).sizeBytes * 8).toBe(64 * 4096 * 4.25);
});

test('the largest magnitude is the scale, and numbers go to the nearest', () => {
  const quantizer = nf4Quantizer();
  const values = Float64Array.of(0.5, -4, 0.1, 3.9);
  const grid = quantizer.fit(values, 0, 4);
  expect(grid).toEqual({ scale: 4 });
  expect([0, 1, 2, 3].map((i) => quantizer.nearest(grid, values, i, 1))).toEqual([9, 0, 7, 15]);
  expect(quantizer.nearest({ scale: 0 }, values, 1, 1)).toBe(7);
  const lone = Float64Array.of(...Array.from({ length: 20 }, (_, i) => Math.sin(i)), 2.2);
  const searched = nf4Quantizer({ scale: 'search' }).fit(lone, 0, 21);
  expect(searched.scale).toBeLessThan(quantizer.fit(lone, 0, 21).scale);
});

describe(`products (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const sparse = nm({ n: 2, m: 4, values: nf4() });
  const cases: readonly (readonly [KernelCheck, CheckCase])[] = [
    [gemv, { axes: { batch: 1, m: 1, n: 20, k: 160 }, formats: { b: nf4() } }],
    [matmul, { axes: { batch: 1, m: 9, n: 36, k: 130 }, formats: { b: nf4() } }],
    [
      gateUp,
      {
        axes: { batch: 1, m: 3, f: 12, stacked: 24, k: 96 },
        formats: { b: nf4({ group: 32 }) },
      },
    ],
    [
      embedding,
      {
        axes: { tokens: 5, vocab: 11, hidden: 100 },
        formats: { table: nf4() },
      },
    ],
    [gemv, { axes: { batch: 1, m: 2, n: 12, k: 96 }, formats: { b: sparse } }],
  ];
  test.each(cases)('$kernel.name reads it, %#', async (check, input) => {
    const { device } = opened;
    const problem = check.kernel.problem(input);
    const plans = check.kernel.plans(problem, device.capabilities).filter(testProfile.wants(check.kernel));
    const [plan] = plans;
    if (testProfile.compileOnly) {
      await expect(device.compile([check.kernel.program(problem, plan!)])).resolves.toBeUndefined();
      return;
    }
    expect(await checkCase(device, check, input, { plan: plan! })).toMatchObject({ passed: true });
  });
});

describe('refusals', () => {
  const codes = new Uint8Array(64);
  const cases: [string, () => unknown, string][] = [
    [
      'scales of another type',
      () => nf4({ scale: 'f64' as 'f32' }),
      '[format nf4-g64-f64] scales of f64; scales are f16, bf16, f32, e8m0. Fix: take one of these.',
    ],
    [
      'few scales',
      () => packNf4({ codes, scales: new Float32Array(0) }, [1, 64], nf4()),
      '[packNf4] 0 scales; the shape takes 1. Fix: give as many.',
    ],
    [
      'a wide code',
      () => packNf4({ codes: codes.map(() => 16), scales: Float32Array.of(1) }, [1, 64], nf4()),
      '[packNf4] code 16 at index 0; nf4-g64 holds codes from 0 to 15. Fix: clamp them, or take a format of more bits.',
    ],
    [
      'a scale beyond f16',
      () => packNf4({ codes, scales: Float32Array.of(7e4) }, [1, 64], nf4()),
      '[packNf4] scale 70000 at index 0; scales are stored as f16, finite and at most 65504 in magnitude. Fix: keep this tensor dense in f32, or scale it down.',
    ],
    [
      'floats',
      () => unpackNf4(packDense(new Float32Array(1), [1], 'f32')),
      '[unpackNf4] the tensor is stored as f32; it takes nf4. Fix: unpack it with the codec of its own format.',
    ],
    [
      'a scale that is found in no way',
      () => nf4Quantizer({ scale: 'x' as 'search' }),
      "[nf4Quantizer] scale is 'x'; it is 'extreme' or 'search'. Fix: give one of these, or leave it out.",
    ],
    [
      'an option that it does not have',
      () => nf4Quantizer({ gruop: 64 } as Nf4QuantizerOptions),
      "[nf4Quantizer] there is no option 'gruop'; known are group, scale. Fix: write 'group'.",
    ],
  ];
  test.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ message }));
  });
});

test.each(['extreme', 'search'] as const)('small scales are rounded up, %s', (scale) => {
  const quantizer = nf4Quantizer({ group: 32, scale });
  // Half the smallest number of f16, one of its few steps below the normal numbers, and a normal one.
  for (const [largest, stored] of [
    [2 ** -25, 2 ** -24],
    [1e-6, 17 * 2 ** -24],
    [2 ** -14, 2 ** -14],
  ] as const) {
    const values = new Float64Array(32).fill(-largest, 3, 4);
    const grid = quantizer.fit(values, 0, 32);
    expect(grid.scale).toBe(stored);
    const valueAt = (at: number): number => quantizer.value(grid, quantizer.nearest(grid, values, at, 1), 0);
    expect(Math.abs(valueAt(3) + largest)).toBeLessThan(0.06 * largest);
    expect(valueAt(0)).toBe(0);
  }
});
