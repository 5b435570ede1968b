import { normalNumbers } from '@tilewright/kernels';
import { alibi, booleanMask, scoreClamp } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { gatherAttention } from '@tilewright/kernels/gather-attention';
import { runKernel } from '@tilewright/runtime';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { topKeys } from './index.ts';

testKernel(check);

const [batch, queries, keys, heads, kvHeads, size] = [2, 21, 83, 4, 2, 16];
const noKey = 0xffff_ffff;

// SwiftShader gets its share by the kernel's own cases; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)('top-keys and gather-attention', () => {
  test.each([
    ['all keys (IceFormer with k = n) equal dense attention', keys, {}, { score: alibi }],
    ['a few equal dense attention masked to them', 9, {}, { score: alibi }],
    ['a few, causal, with scores clamped to ±10 (SPT)', 11, { causal: true }, { score: scoreClamp(-10, 10) }],
  ] as const)('%s', async (_, selected, options, slots) => {
    const { device, dispose } = await openTestDevice();
    const inputs = {
      q: device.tensor([batch, queries, heads, size], normalNumbers(batch * queries * heads * size, 1)),
      k: device.tensor(
        [batch, keys, kvHeads, size],
        normalNumbers(batch * keys * kvHeads * size, 2).map((x) => 3 * x),
      ),
      ...(slots.score === alibi && { 'score.slopes': device.tensor([heads], [0.5, 0.25, 0.125, 0.0625]) }),
    };
    const v = device.tensor([batch, keys, kvHeads, size], normalNumbers(batch * keys * kvHeads * size, 3));
    const axes = { selected };
    const { indices } = await runKernel(device, topKeys, { inputs, options, slots, axes });
    const gathered = await runKernel(device, gatherAttention, {
      inputs: { ...inputs, v, 'select.keys': indices },
      options,
      slots,
      axes,
    });
    const chosen = await indices.read();
    const allowed = new Uint32Array(batch * heads * queries * keys);
    chosen.forEach((key, i) => {
      if (key !== noKey) allowed[Math.floor(i / selected) * keys + key] = 1;
    });
    expect(new Set(chosen.subarray(0, selected)).size).toBeGreaterThan(1);
    const dense = await runKernel(device, flashAttention, {
      inputs: { ...inputs, v, 'mask.allowed': device.tensor([batch, heads, queries, keys], allowed) },
      options,
      slots: { ...slots, mask: booleanMask({ batch: true, heads: true, queries: true }) },
    });
    const got = await gathered.y.read();
    const want = Array.from(await dense.y.read());
    expect(Math.max(...want)).toBeGreaterThan(0.5);
    expect(Math.max(...want.map((value, i) => Math.abs(value - got[i]!)))).toBeLessThan(3e-6);
    if (selected === keys) expect(allowed.every((each) => each === 1)).toBe(true);
    dispose();
  });

  test('scores that come in ascending order are all kept in turn, and equals go to the lowest index', async () => {
    const { device, dispose } = await openTestDevice();
    const [many, selected] = [1500, 40];
    const values = Array.from({ length: many }, (_, i) => Math.floor(i / 7));
    const { indices, scores } = await runKernel(device, topKeys, {
      inputs: {
        q: device.tensor([1, 1, 1, 4], [1, 0, 0, 0]),
        k: device.tensor(
          [1, many, 1, 4],
          values.flatMap((value) => [value, 0, 0, 0]),
        ),
      },
      scalars: { scale: 1 },
      options: { scores: true },
      axes: { selected },
    });
    const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
    expect([...(await indices.read())]).toEqual(order.slice(0, selected));
    expect([...(await scores.read())]).toEqual(order.slice(0, selected).map((key) => values[key]));
    dispose();
  });
});

const problem = (keys: number, selected: number): unknown =>
  topKeys.problem({ axes: { batch: 1, queries: 1, keys, heads: 1, kv_heads: 1, head_size: 4, selected } });

test('more keys than there are, or than a workgroup keeps, are refused', () => {
  expect(() => problem(5, 6)).toThrowError(
    '[top-keys] 6 keys are to be selected of 5; at most 512, and no more than there are. Fix: select fewer.',
  );
  expect(() => problem(1000, 513)).toThrowError(
    '[top-keys] 513 keys are to be selected of 1000; at most 512, and no more than there are. Fix: select fewer.',
  );
});
