// Sizes at the edges: nothing to do, nothing to see, odd head sizes, and as many keys as a long context has.
import { evaluate, type Kernel, normalStream, type Plan } from '@tilewright/kernels';
import { bindKernel, runKernel } from '@tilewright/runtime';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { booleanMask } from './fillings/index.ts';
import { attentionWeights } from './attention-weights/index.ts';
import { decodeAttention } from './decode-attention/index.ts';
import { flashAttention } from './flash-attention/index.ts';
import { attentionCase, attentionCheck } from './check-cases.ts';

testKernel(
  attentionCheck(flashAttention, [
    attentionCase([1, 2, 3, 1, 1, 5, 9]),
    attentionCase([1, 3, 4, 1, 1, 255, 127]),
    attentionCase([1, 3, 4096, 1, 1, 8], { options: { causal: true } }),
  ]),
);
testKernel(
  attentionCheck(decodeAttention, [
    attentionCase([1, 1, 3, 1, 1, 5, 9]),
    attentionCase([1, 1, 5, 2, 1, 127, 255]),
    attentionCase([1, 1, 4096, 2, 1, 8], { options: { lengths: true } }),
  ]),
);

// SwiftShader gets its share above; the null adapter runs nothing.
describe.skipIf(testProfile.compileOnly || testProfile.subset)(`extreme sizes (${testProfile.name})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openTestDevice();
  });
  afterAll(() => opened?.dispose());

  const [batch, queries, keys, heads, size] = [2, 5, 6, 2, 4];
  const draw = (count: number): Float32Array<ArrayBuffer> => {
    const normal = normalStream(count);
    return Float32Array.from({ length: count }, () => normal());
  };
  const splitting =
    (splits: boolean) =>
    (plan: Plan): boolean =>
      Number(plan.splits ?? 1) > 1 === splits;

  const runs: readonly { readonly name: string; readonly kernel: Kernel; readonly splits: boolean }[] = [
    { name: 'flash-attention', kernel: flashAttention, splits: false },
    { name: 'decode-attention', kernel: decodeAttention, splits: false },
    { name: 'decode-attention, split', kernel: decodeAttention, splits: true },
    { name: 'attention-weights', kernel: attentionWeights, splits: false },
  ];
  test.each(runs)('$name: runs of no rows write nothing, and runs without keys give zero', async (run) => {
    const { kernel, splits } = run;
    const { device, capabilities } = opened;
    const values = kernel === attentionWeights ? {} : { value_size: size };
    const axes = { batch, queries, keys, heads, kv_heads: 1, head_size: size, ...values };
    const plan = kernel.plans(kernel.problem({ axes }), capabilities).find(splitting(splits))!;
    expect(plan).toBeDefined();
    const name = kernel === attentionWeights ? 'scores' : 'y';
    const out = device.tensor(
      kernel.outputs[name]!.shape.map((axis) => evaluate(axis, axes)),
      Float32Array.from({ length: kernel === attentionWeights ? 120 : 80 }, () => 7),
    );
    const bound = await bindKernel(device, kernel, {
      inputs: {
        q: device.tensor([batch, queries, heads, size], draw(80)),
        k: device.tensor([batch, keys, 1, size], draw(48)),
        ...(kernel !== attentionWeights && { v: device.tensor([batch, keys, 1, size], draw(48)) }),
      },
      outputs: { [name]: out },
      plan,
    });
    bound.run({ batch: 0 });
    bound.run({ queries: 0 });
    expect((await out.read()).every((value) => value === 7)).toBe(true);
    bound.run({ keys: 0 });
    const none = kernel === attentionWeights ? 7 : 0;
    expect((await out.read()).every((value) => value === none)).toBe(true);
    bound.run();
    expect((await out.read()).every((value) => value !== none)).toBe(true);
    bound.dispose();
  });

  test('rows that a mask covers wholly are zero, and so is their log-sum-exp the lowest', async () => {
    const { device } = opened;
    const allowed = Uint32Array.from({ length: queries * keys }, (_, i) => (i < 2 * keys ? 0 : 1));
    const { y, lse } = await runKernel(device, flashAttention, {
      inputs: {
        q: device.tensor([1, queries, heads, size], draw(40)),
        k: device.tensor([1, keys, 1, size], draw(24)),
        v: device.tensor([1, keys, 1, size], draw(24)),
        'mask.allowed': device.tensor([1, 1, queries, keys], allowed),
      },
      options: { lse: true },
      slots: { mask: booleanMask({ queries: true }) },
    });
    const [out, sums] = [await y.read(), await lse.read()];
    out.forEach((value, i) => expect(value === 0).toBe(i < 2 * heads * size));
    sums.forEach((value, i) => expect(value < -1e38).toBe(i % queries < 2));
  });
});
