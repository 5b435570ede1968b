// What people hand to a kernel by mistake; each is told what it did, before anything is planned.
import { isTilewrightError } from '@tilewright/kernels';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { booleanMask, documentMask } from '@tilewright/kernels/fillings';
import { matmul } from '@tilewright/kernels/matmul';
import { rmsNorm } from '@tilewright/kernels/rms-norm';
import { openTestDevice, type TestDevice } from '@tilewright/tooling/test-device';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device } from './device.ts';
import { bindKernel, runKernel } from './run-kernel.ts';
import type { Tensor } from './tensor.ts';

let opened: TestDevice;
let device: Device;
let x: Tensor;
let weight: Tensor;
beforeAll(async () => {
  opened = await openTestDevice();
  ({ device } = opened);
  x = device.tensor([2, 4]);
  weight = device.tensor([4]);
});
afterAll(() => opened.dispose());

const refusal = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was thrown';
};
const norm = (options: object): Promise<string> =>
  refusal(() => runKernel(device, rmsNorm, options as never));
const attend = (inputs: object, more: object = {}): Promise<string> => {
  const [q, k, v] = [device.tensor([1, 1, 3, 4]), device.tensor([1, 1, 3, 4]), device.tensor([1, 1, 3, 4])];
  return refusal(() =>
    runKernel(device, flashAttention, { inputs: { q, k, v, ...inputs }, ...more } as never),
  );
};

test('null in place of slots', async () => {
  expect(await attend({}, { slots: null })).toBe(
    'bad-argument: [flash-attention] slots is null; it takes an object. Fix: leave slots out, or give { … }.',
  );
});

describe('values of another kind', () => {
  const onGpu = 'a kernel reads and writes tensors, which lie on the GPU. Fix: ';

  test('data instead of tensors', async () => {
    expect(await norm({ inputs: { x: new Float32Array(8), weight } })).toBe(
      `bad-argument: [rms-norm] inputs.x is a Float32Array; ${onGpu}make a tensor of it: device.tensor(shape, data).`,
    );
    expect(await norm({ inputs: { x: [1, 2], weight } })).toBe(
      `bad-argument: [rms-norm] inputs.x is an Array; ${onGpu}make a tensor of it: device.tensor(shape, data).`,
    );
    const host = { layout: { kind: 'dense', dtype: 'f32' }, shape: [4], bytes: new Uint8Array(16) };
    expect(await norm({ inputs: { x, weight: host } })).toBe(
      `bad-argument: [rms-norm] inputs.weight is an object; ${onGpu}put it there: device.weight(weight).`,
    );
  });

  test('a forgotten await', async () => {
    const later = Promise.resolve(x);
    expect(await norm({ inputs: { x: later, weight } })).toBe(
      `bad-argument: [rms-norm] inputs.x is a promise; ${onGpu}await it.`,
    );
    const { y } = { y: undefined };
    expect(await norm({ inputs: { x: y, weight } })).toBe(
      'bad-argument: [rms-norm] inputs.x is undefined; the kernel binds x, weight. ' +
        'Fix: give a tensor; the call that makes it may have to be awaited.',
    );
    expect(
      await refusal(() => runKernel(Promise.resolve(device) as never, rmsNorm, { inputs: { x, weight } })),
    ).toBe(
      'bad-argument: [bindKernel] the device is a promise; it is what openDevice resolves to. Fix: write await openDevice().',
    );
  });

  test('another device, another kernel, no options', async () => {
    expect(await refusal(() => runKernel(device.gpu as never, rmsNorm, { inputs: { x, weight } }))).toBe(
      'bad-argument: [bindKernel] the device is a GPUDevice; it is what openDevice resolves to. ' +
        'Fix: write await openDevice({ device }) around your GPUDevice.',
    );
    expect(await refusal(() => runKernel(device, 'rms-norm' as never, { inputs: { x, weight } }))).toBe(
      'bad-argument: [bindKernel] the kernel is the string rms-norm; it is a value of @tilewright/kernels, such as rmsNorm of ' +
        '@tilewright/kernels/rms-norm. Fix: import one.',
    );
    expect(await norm({ x, weight })).toBe(
      'bad-argument: [rms-norm] the options are an object without inputs; a call names the tensors to read: x, weight. ' +
        'Fix: give { inputs: { … } }.',
    );
  });

  test('no rows', async () => {
    expect(await norm({ inputs: { x: device.tensor([0, 4]), weight } })).toBe(
      "bad-shape: [rms-norm] 'x' has shape [0, 4], and so its axis 'rows' is 0; a kernel runs on sizes from 1. " +
        'Fix: leave the call out where there is nothing to compute.',
    );
  });
});

describe('names', () => {
  test('options', async () => {
    expect(await norm({ inputs: { x, weight }, scalar: { eps: 1 } })).toBe(
      "bad-argument: [rms-norm] the option 'scalar' is unknown; a call has axes, dtypes, formats, scalars, options, slots, views, inputs, " +
        "outputs, uniforms, plan. Fix: write 'scalars'.",
    );
    expect(await norm({ inputs: { x, weight }, scalars: { epsilon: 1 } })).toBe(
      'bad-argument: [rms-norm] scalars.epsilon is unknown; the scalars are eps. Fix: remove it.',
    );
    expect(await norm({ inputs: { x, weight }, uniforms: { row: 1 } })).toBe(
      "bad-argument: [rms-norm] the uniform 'row' is unknown; a run takes rows, hidden. Fix: write 'rows'.",
    );
    expect(await norm({ inputs: { x, weight }, dtypes: { weigth: 'f32' } })).toBe(
      "bad-argument: [rms-norm] unknown tensor 'weigth' in dtypes; the tensors are x, weight, y. Fix: write 'weight'.",
    );
  });

  test('tensors', async () => {
    expect(await norm({ inputs: { x, weights: weight } })).toBe(
      "bad-argument: [rms-norm] unknown tensor 'weights' in inputs; the tensors are x, weight, y. Fix: write 'weight'.",
    );
    expect(await norm({ inputs: { x, weight, 'foo.bar': x } })).toBe(
      "bad-argument: [rms-norm] unknown tensor 'foo.bar' in inputs; the tensors are x, weight, y. Fix: remove it.",
    );
  });

  test("a filling's tensor without its slot, or under another name", async () => {
    const documents = device.tensor([1, 3], undefined, 'u32');
    expect(await attend({ 'mask.documents': documents })).toBe(
      "bad-argument: [flash-attention] unknown tensor 'mask.documents' in inputs; nothing fills the slot 'mask', whose filling " +
        'would read it. Fix: give the filling as slots.mask.',
    );
    const misspelt = await attend({ 'mask.document': documents }, { slots: { mask: documentMask } });
    expect(misspelt).toContain("unknown tensor 'mask.document' in inputs; the tensors are q, k, v, ");
    expect(misspelt).toMatch(/, mask\.documents\. Fix: write 'mask\.documents'\.$/);
  });

  test('a tensor without its option', async () => {
    const lengths = device.tensor([1], undefined, 'u32');
    expect(await attend({ lengths })).toBe(
      "bad-argument: [flash-attention] 'lengths' was given, and would not be read; it belongs to the option lengths: true, which is " +
        "false. Fix: give options: { lengths: true }, or leave 'lengths' out.",
    );
    expect(await norm({ inputs: { x, weight }, options: { gain: false } })).toBe(
      "bad-argument: [rms-norm] 'weight' was given, and would not be read; it belongs to the option gain: true, which is false. " +
        "Fix: give options: { gain: true }, or leave 'weight' out.",
    );
  });

  test('a factory in a slot', async () => {
    expect(await attend({}, { slots: { mask: booleanMask } })).toBe(
      'bad-argument: [flash-attention] slots.mask is the function booleanMask; the slot takes a filling, which such a function ' +
        'makes. Fix: call it: slots: { mask: booleanMask(…) }.',
    );
  });
});

describe('Plans', () => {
  const bind = (plan: unknown): Promise<string> =>
    refusal(async () => {
      const bound = await bindKernel(device, matmul, {
        inputs: { a: device.tensor([1, 8, 16]), b: device.tensor([12, 16]) },
        plan,
      } as never);
      bound.dispose();
    });
  const plans = () =>
    matmul.plans(matmul.problem({ axes: { batch: 1, m: 8, n: 12, k: 16 } }), device.capabilities);

  test('members that are missing, unknown or too large', async () => {
    const plan = plans()[0]!;
    const member = Object.keys(plan).find((name) => typeof plan[name] === 'number')!;
    const { [member]: value, ...without } = plan;
    expect(await bind(without)).toMatch(
      new RegExp(
        `^bad-argument: \\[matmul\\] plan\\.${member} is missing; for this problem on this device it is .*${value}.*\\. ` +
          'Fix: give one of kernel\\.plans\\(problem, device\\.capabilities\\)\\.$',
      ),
    );
    expect(await bind({ ...plan, [member]: 4096 })).toMatch(
      new RegExp(
        `^bad-argument: \\[matmul\\] plan\\.${member} is 4096; for this problem on this device it is .*${value}`,
      ),
    );
    expect(await bind({ ...plan, [`${member}s`]: 1 })).toMatch(
      new RegExp(
        `^bad-argument: \\[matmul\\] plan\\.${member}s is unknown; a Plan of '.*' has .*\\. Fix: write '${member}'\\.$`,
      ),
    );
    expect(await bind({ ...plan, variant: `${plan.variant}x` })).toMatch(
      new RegExp(
        `^bad-argument: \\[matmul\\] plan\\.variant is ${plan.variant}x; the variants are .*\\. Fix: write '`,
      ),
    );
    expect(await bind('fast')).toBe(
      'bad-argument: [matmul] the plan is fast; it is an object with a variant. ' +
        'Fix: give one of kernel.plans(problem, device.capabilities).',
    );
  });
});
