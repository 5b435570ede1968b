import { rowView } from '@tilewright/kernels';
// Wrong uses of kernels and tensors: each is refused with a whole sentence, before anything reaches the GPU.
import { isTilewrightError } from '@tilewright/kernels';
import { elementwise, elementwiseFilling } from '@tilewright/kernels/elementwise';
import { embedding } from '@tilewright/kernels/embedding';
import { gram } from '@tilewright/kernels/gram';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { rmsNorm } from '@tilewright/kernels/rms-norm';
import { sample } from '@tilewright/kernels/sample';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { dense } from '@tilewright/kernels/weights/dense';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Device, openDevice } from './device.ts';
import { bindKernel, runKernel } from './run-kernel.ts';

let opened: TestDevice;
let device: Device;
beforeAll(async () => {
  opened = await openTestDevice();
  ({ device } = opened);
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
const norm = (inputs: Record<string, unknown>, more: object = {}): Promise<string> =>
  refusal(() => runKernel(device, rmsNorm, { inputs, ...more } as never));

test('a missing tensor', async () => {
  expect(await norm({ x: device.tensor([2, 4]) })).toBe(
    "bad-argument: [rms-norm] the tensor 'weight' is missing; the kernel binds x, weight. Fix: give inputs.weight.",
  );
  expect(await norm({ weight: device.tensor([4]) })).toBe(
    "bad-argument: [rms-norm] the tensor 'x' is missing; the kernel binds x, weight. Fix: give inputs.x.",
  );
});

test('a missing tensor that an option asks for', async () => {
  const inputs = {
    q: device.tensor([3, 1, 4]),
    k: device.tensor([1, 3, 4]),
    v: device.tensor([1, 3, 4]),
    q_starts: device.tensor([2], Uint32Array.of(0, 3)),
  };
  expect(await refusal(() => runKernel(device, flashAttention, { inputs, options: { packed: true } }))).toBe(
    "bad-argument: [flash-attention] the tensor 'k_starts' is missing; the kernel binds q, k, v, lengths, q_starts, k_starts, " +
      'block_starts, block_keys. Fix: give inputs.k_starts.',
  );
});

test('a tensor the kernel does not know', async () => {
  expect(await norm({ x: device.tensor([2, 4]), weight: device.tensor([4]), gain: device.tensor([4]) })).toBe(
    "bad-argument: [rms-norm] unknown tensor 'gain' in inputs; the tensors are x, weight, y. Fix: remove it.",
  );
});

test('wrong shapes', async () => {
  const weight = device.tensor([4]);
  expect(await norm({ x: device.tensor([8]), weight })).toBe(
    "bad-shape: [rms-norm] 'x' has shape [8]; it must be [rows, hidden]. Fix: give 'x' 2 dimensions.",
  );
  expect(await norm({ x: device.tensor([2, 5]), weight })).toBe(
    "bad-shape: [rms-norm] axis 'hidden' is 4 in 'weight' [4]; elsewhere it is 5. " +
      "Fix: make the 'hidden' of all tensors equal.",
  );
  expect(await norm({ x: device.tensor([2, 4]), weight }, { outputs: { y: device.tensor([3, 4]) } })).toBe(
    "bad-shape: [rms-norm] axis 'rows' is 3 in 'y' [3, 4]; elsewhere it is 2. " +
      "Fix: make the 'rows' of all tensors equal.",
  );
});

test("a wrong shape of a filling's tensor", async () => {
  const compute = elementwiseFilling({
    expression: ['add', 'x', 'bias'],
    columns: 4,
    operands: { bias: 'column' },
  });
  const attempt = async (x: readonly number[], bias: readonly number[]): Promise<unknown> => {
    const inputs = { 'compute.x': device.tensor(x), 'compute.bias': device.tensor(bias) };
    return await refusal(() =>
      runKernel(device, elementwise, { axes: { rows: 2, columns: 4 }, slots: { compute }, inputs }),
    );
  };
  expect(await attempt([2, 4], [8])).toBe(
    "bad-shape: [elementwise] 'compute.bias' has shape [8]; it must be [columns], here [4]. Fix: make 'compute.bias' of that shape.",
  );
  // As many elements in another order.
  expect(await attempt([4, 2], [4])).toBe(
    "bad-shape: [elementwise] 'compute.x' has shape [4, 2]; it must be [rows, columns], here [2, 4]. Fix: make 'compute.x' of that shape.",
  );
  expect(await attempt([1, 2, 1, 4], [4, 1])).toBe('nothing was thrown');
});

test('sizes that nothing tells, and rows that are none', async () => {
  const compute = elementwiseFilling({ expression: ['neg', 'x'], columns: 4 });
  const negate = (rows: number): Promise<string> =>
    refusal(() =>
      runKernel(device, elementwise, {
        slots: { compute },
        inputs: { 'compute.x': device.tensor([rows, 4]) },
      }),
    );
  expect(await negate(2)).toBe(
    'bad-argument: [elementwise] nothing says how large rows and columns are; sizes that the shapes of the tensors given do not ' +
      'tell are part of the call. Fix: give axes: { rows: …, columns: … }.',
  );
  expect(await negate(0)).toBe(
    "bad-shape: [elementwise] 'compute.x' has shape [0, 4]; a kernel runs on sizes from 1. " +
      'Fix: leave the call out where there is nothing to compute.',
  );
});

test('wrong dtypes', async () => {
  const table = device.tensor([8, 4]);
  const ids = device.tensor([3], undefined, 'f32');
  expect(await refusal(() => runKernel(device, embedding, { inputs: { table, ids } }))).toBe(
    "bad-dtype: [embedding] 'ids' is f32; the kernel stores it as u32. Fix: make 'ids' with dtype 'u32'.",
  );
  const weight = device.weight({
    format: dense('f32'),
    shape: [4],
    bytes: new Uint8Array(16),
  });
  expect(await norm({ x: device.tensor([2, 4]), weight })).toBe(
    "bad-dtype: [rms-norm] 'weight' is a weight; the kernel stores it as f32. Fix: make 'weight' with dtype 'f32'.",
  );
});

test('a buffer that is written and bound twice', async () => {
  const x = device.tensor([2, 4]);
  expect(await norm({ x, weight: device.tensor([4]) }, { outputs: { y: x } })).toBe(
    "bad-argument: [rms-norm] 'y' is written and shares its buffer with 'x'; " +
      "WebGPU allows no buffer to be written and bound a second time in one dispatch. Fix: give 'y' a buffer of its own.",
  );
});

test('a tensor too large to bind', async () => {
  const small = new Proxy(device.gpu, {
    get(target, name) {
      if (name === 'limits') return { maxStorageBufferBindingSize: 4096, maxBufferSize: 2 ** 20 };
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const narrow = await openDevice({ device: small });
  const x = narrow.tensor([257, 4]);
  expect(
    await refusal(() => bindKernel(narrow, rmsNorm, { inputs: { x } as never, options: { gain: false } })),
  ).toBe(
    "limit-exceeded: [rms-norm] 'x' takes 4112 bytes; this device binds at most 4096 bytes at once. " +
      'Fix: split the tensor along its rows.',
  );
  narrow.dispose();
});

const refused = (name: string, value: number | undefined): string =>
  `bad-argument: [sample] '${name}' is ${value}; a run needs rows (u32), temperature (f32), top_k (i32), top_p (f32), seed (u32), counter (u32). Fix: ${
    value === undefined ? `give '${name}' to the run` : 'give a number that the type can hold'
  }.`;

test('a run without one of its values', async () => {
  const bound = await bindKernel(device, sample, { inputs: { logits: device.tensor([1, 8]) } });
  expect(await refusal(() => bound.run({ temperature: 0 }))).toBe(refused('top_k', undefined));
});

test('a value that its type cannot hold', async () => {
  const bound = await bindKernel(device, sample, { inputs: { logits: device.tensor([1, 8]) } });
  const values = { temperature: 0.5, top_k: 0, top_p: 1, seed: 2 ** 32 - 1, counter: 0 };
  const wrong = { temperature: Number.NaN, top_k: 2 ** 31, seed: 2 ** 32, counter: 0.5 };
  for (const [name, value] of Object.entries(wrong))
    expect(await refusal(() => bound.run({ ...values, [name]: value }))).toBe(refused(name, value));
  expect(await refusal(() => bound.run(values))).toBe('nothing was thrown');
});

test('an axis that does not fit what was bound', async () => {
  const inputs = { x: device.tensor([2, 4]), weight: device.tensor([4]) };
  const bound = await bindKernel(device, rmsNorm, { inputs });
  for (const rows of [3, Number.NaN, -1, 0.5])
    expect(await refusal(() => bound.run({ rows }))).toBe(
      `bad-argument: [rms-norm] axis 'rows' is ${rows}; it was bound with 2, and a run takes an integer from 0 to that. ` +
        'Fix: bind larger tensors.',
    );
  expect(await refusal(() => bound.run({ rows: 1 }))).toBe('nothing was thrown');
});

test('a tensor of another device', async () => {
  const other = await openTestDevice();
  const x = other.device.tensor([2, 4]);
  expect(await norm({ x, weight: device.tensor([4]) })).toBe(
    "bad-argument: [rms-norm] 'x' is on another device; a kernel reads and writes only what its own device holds. " +
      "Fix: make 'x' with the device that runs the kernel.",
  );
  other.dispose();
});

test('a kernel that cannot be bound or run leaves nothing behind', async () => {
  const x = device.tensor([2, 4]);
  const weight = device.tensor([4]);
  const logits = device.tensor([1, 8]);
  const { bytesAlive, buffersAlive } = device.counters;
  const failing = new Proxy(device, {
    get(target, name) {
      if (name === 'sequence') return async () => Promise.reject(new Error('no sequence'));
      return Reflect.get(target, name, target) as unknown;
    },
  });
  await expect(bindKernel(failing, rmsNorm, { inputs: { x, weight } })).rejects.toThrow('no sequence');
  expect(await refusal(() => runKernel(device, sample, { inputs: { logits }, uniforms: { top_k: 0 } }))).toBe(
    refused('temperature', undefined),
  );
  expect(device.counters).toMatchObject({ bytesAlive, buffersAlive });
});

test('disposed tensors', async () => {
  const x = device.tensor([2, 4]);
  const weight = device.tensor([4]);
  const bound = await bindKernel(device, rmsNorm, { inputs: { x, weight } });
  x.dispose();
  x.dispose();
  expect(await refusal(() => bound.run())).toBe(
    "disposed: [sequence] the tensor 'x' was used after dispose(). Fix: dispose of it later, or make a new one.",
  );
  expect(await norm({ x, weight })).toBe(
    "disposed: [rms-norm] the tensor 'x' was used after dispose(). Fix: dispose of it later, or make a new one.",
  );
  const sentence =
    'disposed: [tensor [2, 4]] the tensor was used after dispose(). Fix: dispose of it later, or make a new one.';
  expect(await refusal(() => x.read())).toBe(sentence);
  expect(await refusal(() => x.write(new Float32Array(8)))).toBe(sentence);
  bound.dispose();
  expect(await refusal(() => bound.run())).toBe('disposed: [sequence] it was run after dispose().');
});

test.skipIf(testProfile.compileOnly)('a plain tensor serves as a weight, in f32 and in f16', async () => {
  for (const dtype of ['f32', 'f16'] as const) {
    const table = device.tensor(
      [3, 4],
      Float32Array.from({ length: 12 }, (_, i) => i),
      dtype,
    );
    const { y } = await runKernel(device, embedding, {
      inputs: { table, ids: device.tensor([2], Uint32Array.of(2, 0)) },
    });
    expect([...(await y.read())]).toEqual([8, 9, 10, 11, 0, 1, 2, 3]);
  }
});

test.skipIf(testProfile.compileOnly)('outputs are made, or those given are used', async () => {
  const x = device.tensor([1, 4], Float32Array.of(1, -1, 1, -1));
  const weight = device.tensor([4], [2, 2, 2, 2]);
  const { y } = await runKernel(device, rmsNorm, { inputs: { x, weight }, scalars: { eps: 0 } });
  expect([...(await y.read())]).toEqual([2, -2, 2, -2]);
  const given = device.tensor([1, 4]);
  const bound = await bindKernel(device, rmsNorm, { inputs: { x, weight }, outputs: { y: given } });
  expect(bound.outputs.y).toBe(given);
});

test.skipIf(testProfile.compileOnly)('in-out tensors that are not given begin at zero', async () => {
  const x = device.tensor([2, 2], Float32Array.of(1, 2, 3, 4));
  const { gram: sums } = await runKernel(device, gram, { inputs: { x } });
  expect([...(await sums.read())]).toEqual([10, 14, 14, 20]);
});

test('rows that lie apart are read and written where they lie', async () => {
  const root = device.tensor(
    [3, 6],
    Float32Array.from({ length: 18 }, (_, i) => i),
  );
  const y = device.tensor([20], new Float32Array(20).fill(7));
  await runKernel(device, rmsNorm, {
    axes: { rows: 3, hidden: 2 },
    inputs: { x: root },
    outputs: { y },
    options: { gain: false },
    views: { x: rowView({ stride: 6, offset: { multipleOf: 1 } }), y: rowView({ stride: 5, offset: 3 }) },
    uniforms: { x_offset: 3 },
  });
  const written = (await y.read()) as Float32Array;
  [3, 9, 15].forEach((first, row) => {
    const scale = 1 / Math.sqrt((first ** 2 + (first + 1) ** 2) / 2 + 1e-5);
    expect(written[3 + 5 * row]).toBeCloseTo(first * scale, 5);
    expect(written[4 + 5 * row]).toBeCloseTo((first + 1) * scale, 5);
  });
  expect(written.filter((value) => value === 7)).toHaveLength(14);
});

test('views that a tensor does not hold', async () => {
  const view = (views: object, more: object = {}): Promise<string> =>
    norm(
      { x: device.tensor([3, 6]) },
      { axes: { rows: 3, hidden: 2 }, options: { gain: false }, views, ...more },
    );
  expect(await view({ x: rowView({ stride: 8, offset: 1 }) })).toBe(
    "bad-shape: [rms-norm] 'x' has 18 elements; its 3 rows of 2 reach element 18 of it. " +
      'Fix: give a larger tensor, or another views.x.',
  );
  expect(
    await view({ x: rowView({ stride: 6, offset: { multipleOf: 2 } }) }, { uniforms: { x_offset: 3 } }),
  ).toBe(
    "bad-argument: [rms-norm] uniforms.x_offset is 3; the view of 'x' says that it is a multiple of 2. " +
      'Fix: change it, or views.x.',
  );
  expect(await view({ x: rowView({ stride: 6, offset: { multipleOf: 2 } }) })).toBe(
    "bad-argument: [rms-norm] uniforms.x_offset is undefined; the view of 'x' says that it is a multiple of 2. " +
      'Fix: give uniforms.x_offset.',
  );
  expect(await view({ x: rowView({ stride: 6, offset: 0 }), y: rowView({ stride: 2, offset: 0 }) })).toBe(
    "bad-argument: [rms-norm] 'y' is a view of a tensor that is not there; rows that lie apart are part of a tensor of " +
      'yours. Fix: give outputs.y.',
  );
});
