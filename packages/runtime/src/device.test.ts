// What a device keeps count of, what it says when it fails, and that using it leaks nothing.
import { errorFamily, isTilewrightError } from '@tilewright/kernels';
import { elementwise, elementwiseFilling } from '@tilewright/kernels/elementwise';
import { rmsNorm } from '@tilewright/kernels/rms-norm';
import { openTestDevice, type TestDevice, testProfile } from '@tilewright/tooling/test-device';
import { dense } from '@tilewright/kernels/weights/dense';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Device, openDevice } from './device.ts';
import { profilerOf } from './profiler.ts';
import { defaultDawnOptions, findGpu } from './gpu.ts';
import { bindKernel, runKernel } from './run-kernel.ts';
import { foldWorkgroups } from './fold-workgroups.ts';

const messageOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    if (!isTilewrightError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  return 'nothing was thrown';
};

describe('a device', () => {
  let opened: TestDevice;
  let device: Device;
  beforeAll(async () => {
    opened = await openTestDevice();
    ({ device } = opened);
  });
  afterAll(() => opened.dispose());

  test('describes itself', () => {
    expect(device.adapter.description).not.toBe('');
    expect(device.adapter.limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(128);
    expect(device.capabilities.limits.maxBufferSize).toBe(device.adapter.limits.maxBufferSize);
    const subgroups = device.adapter.features.includes('subgroups');
    expect(device.capabilities.features.has('subgroups')).toBe(subgroups);
    expect(device.capabilities.subgroupMinSize > 0).toBe(subgroups);
    expect(device.capabilities.subgroupMaxSize).toBeGreaterThanOrEqual(device.capabilities.subgroupMinSize);
  });

  test('counts buffers and bytes', () => {
    const before = { ...device.counters };
    const tensor = device.tensor([5]);
    expect(device.counters.buffersCreated - before.buffersCreated).toBe(1);
    expect(device.counters.bytesAlive - before.bytesAlive).toBe(32);
    expect(device.counters.peakBytesAlive).toBeGreaterThanOrEqual(device.counters.bytesAlive);
    tensor.dispose();
    expect(device.counters.bytesAlive).toBe(before.bytesAlive);
    expect(device.counters.buffersAlive).toBe(before.buffersAlive);
  });

  test.skipIf(testProfile.compileOnly)('keeps bytes whatever their number and place', async () => {
    for (const count of [1, 2, 3, 4, 5, 7, 16, 31]) {
      const whole = Uint8Array.from({ length: count + 3 }, (_, i) => 200 + i);
      const bytes = whole.subarray(3);
      const buffer = device.memory.storage(count, 'odd bytes');
      const slice = { buffer, offsetBytes: 0, sizeBytes: count };
      device.memory.upload(slice, bytes);
      expect([...(await device.memory.download(slice))]).toEqual([...bytes]);
      device.memory.free(buffer);
    }
  });

  test.skipIf(testProfile.compileOnly)(
    'stores what is beyond f16 as its largest number, and NaN as NaN',
    async () => {
      const tensor = device.tensor([5], [65520, -1e9, Infinity, -Infinity, NaN], 'f16');
      expect([...(await tensor.read())]).toEqual([65504, -65504, 65504, -65504, NaN]);
      tensor.write([NaN, 0, 1e6, 1, -1e6]);
      expect([...(await tensor.read())]).toEqual([NaN, 0, 65504, 1, -65504]);
      tensor.dispose();
    },
  );
  test.skipIf(testProfile.compileOnly)('rounds f16 to nearest, and reads it back as f32', async () => {
    const tensor = device.tensor([3], Float32Array.of(1 / 3, 65504, -(2 ** -24)), 'f16');
    expect([...(await tensor.read())]).toEqual([0.333251953125, 65504, -(2 ** -24)]);
    tensor.dispose();
  });

  test('refuses data that does not fit', async () => {
    const tensor = device.tensor([2, 3]);
    expect(await messageOf(() => tensor.write(new Float32Array(5)))).toBe(
      'bad-shape: [tensor [2, 3]] 5 numbers were given; the shape [2, 3] holds 6. Fix: give one number per element.',
    );
    expect(await messageOf(() => tensor.write(new Uint32Array(6)))).toBe(
      'bad-dtype: [tensor [2, 3]] a Uint32Array was given; the tensor stores f32. Fix: give a Float32Array, or an array of numbers.',
    );
    expect(await messageOf(() => device.memory.upload(tensor, new Uint8Array(8), 20))).toBe(
      'bad-shape: [tensor [2, 3]] 8 bytes were given at offset 20; the tensor holds 24 bytes.',
    );
    const weight = {
      format: dense('f16'),
      shape: [3, 5],
      bytes: new Uint8Array(28),
    } as const;
    expect(await messageOf(() => device.weight(weight, 'head'))).toBe(
      'bad-argument: [head] the weight has 28 bytes; its format takes 30.',
    );
  });

  test('keeps nothing of a call that failed', async () => {
    const { bytesAlive, buffersAlive } = device.counters;
    expect(await messageOf(() => device.tensor([2, 3], [1, 2]))).toBe(
      'bad-shape: [tensor [2, 3]] 2 numbers were given; the shape [2, 3] holds 6. Fix: give one number per element.',
    );
    const problem = rmsNorm.problem({ axes: { rows: 1, hidden: 4 } });
    const program = rmsNorm.program(problem, rmsNorm.plans(problem, opened.capabilities).at(-1)!);
    expect(await messageOf(() => device.sequence([{ program, bindings: {} }]))).toBe(
      "bad-argument: [rms-norm] nothing is bound to 'x'; the program binds x, weight, y.",
    );
    expect(device.counters).toMatchObject({ bytesAlive, buffersAlive });
  });

  test.skipIf(testProfile.compileOnly)(
    'reads side by side, each what was there when it was asked',
    async () => {
      const tensor = device.tensor([4], [1, 2, 3, 4]);
      const reader = device.memory.readback(16, 'reader');
      const reads = [1, 2, 3].map((start) => {
        tensor.write(Float32Array.from({ length: 4 }, (_, i) => start + i));
        return reader.read(tensor);
      });
      const got = (await Promise.all(reads)).map((bytes) => [
        ...new Float32Array(bytes.buffer as ArrayBuffer),
      ]);
      expect(got).toEqual([
        [1, 2, 3, 4],
        [2, 3, 4, 5],
        [3, 4, 5, 6],
      ]);
      reader.dispose();
      tensor.dispose();
      await device.idle();
    },
  );

  test('refuses numbers that the type does not hold, and what is no data', async () => {
    const refused = (data: unknown, dtype?: string): Promise<string> =>
      messageOf(() => device.tensor([3], data as never, dtype as never));
    const whole = 'u32 stores whole numbers from 0 to 4294967295. Fix: round them, or choose another dtype.';
    expect(await refused([-1, 1.5, 2 ** 33], 'u32')).toBe(
      `bad-dtype: [tensor [3]] element 0 is -1; ${whole}`,
    );
    expect(await refused([1, 1.5, 2], 'u32')).toBe(`bad-dtype: [tensor [3]] element 1 is 1.5; ${whole}`);
    expect(await refused([1, 2, 2 ** 32], 'u32')).toBe(
      `bad-dtype: [tensor [3]] element 2 is 4294967296; ${whole}`,
    );
    expect(await refused([1, 2, Number.NaN], 'u32')).toBe(
      `bad-dtype: [tensor [3]] element 2 is NaN; ${whole}`,
    );
    expect(await refused([0, 0, 2 ** 31], 'i32')).toBe(
      'bad-dtype: [tensor [3]] element 2 is 2147483648; i32 stores whole numbers from -2147483648 to 2147483647. ' +
        'Fix: round them, or choose another dtype.',
    );
    expect(await refused([1, '2', 3])).toBe(
      'bad-dtype: [tensor [3]] element 1 is the string 2; f32 stores numbers. Fix: give numbers.',
    );
    expect(await refused([[1], [2], [3]], 'f16')).toBe(
      'bad-dtype: [tensor [3]] element 0 is an Array; f16 stores numbers. Fix: give the numbers in one flat array.',
    );
    expect(await refused(Promise.resolve([1, 2, 3]))).toBe(
      'bad-dtype: [tensor [3]] a promise was given; the tensor stores f32. Fix: write await in front of it.',
    );
    expect(await refused(new Uint16Array(3), 'f16')).toBe(
      'bad-dtype: [tensor [3]] a Uint16Array was given; the tensor stores f16. Fix: give a Float32Array, or an array of numbers.',
    );
    expect(await messageOf(() => device.tensor(3 as never))).toBe(
      'bad-argument: [tensor] the shape is the number 3; it is a list of sizes. Fix: write [rows, columns], and the data after it.',
    );
    const limits = `its maxBufferSize is ${device.gpu.limits.maxBufferSize} bytes`;
    expect(await messageOf(() => device.tensor([2 ** 30, 2 ** 30]))).toBe(
      `limit-exceeded: [tensor [1073741824, 1073741824]] a buffer of 4611686018427388000 bytes is too large for this device; ` +
        `${limits}. Fix: split the tensor, choose a smaller variant, or a shorter maximum length.`,
    );
    const odd = device.tensor([4], [Number.NaN, -Infinity, 2 ** 31, -1]);
    expect(odd.sizeBytes).toBe(16);
    odd.dispose();
  });

  test('numbers in lists within lists', async () => {
    const rows = [
      [1, 2],
      [3, 4],
    ];
    expect(await messageOf(() => device.tensor([2, 2], rows as never))).toBe(
      'bad-shape: [tensor [2, 2]] 2 lists were given; the shape [2, 2] holds 4 numbers, one after the other. ' +
        'Fix: flatten them: data.flat(Infinity).',
    );
  });

  test('refuses impossible sizes', async () => {
    const rule = 'it must be a non-negative integer.';
    expect(await messageOf(() => device.tensor([-1]))).toBe(
      `bad-argument: [tensor [-1]] a size is -1; ${rule}`,
    );
    expect(await messageOf(() => device.tensor([-2, -3]))).toBe(
      `bad-argument: [tensor [-2, -3]] a size is -2; ${rule}`,
    );
    expect(await messageOf(() => device.tensor([2, 1.5]))).toBe(
      `bad-argument: [tensor [2, 1.5]] a size is 1.5; ${rule}`,
    );
    expect(await messageOf(() => device.tensor([2 ** 60]))).toBe(
      'bad-argument: [tensor [1152921504606847000]] a size is 1152921504606847000; no buffer holds as much.',
    );
    expect(await messageOf(() => device.memory.storage(Number.NaN, 'scores'))).toBe(
      `bad-argument: [scores] a size is NaN; ${rule}`,
    );
    expect(await messageOf(() => device.tensor([2], undefined, 'bf16' as never))).toBe(
      'bad-dtype: [tensor [2]] there is no dtype bf16; tensors store f32, f16, u32 or i32. Fix: convert the numbers to one of these.',
    );
    const most = device.gpu.limits.maxBufferSize;
    const elements = Math.ceil((most + 1) / 4);
    expect(await messageOf(() => device.tensor([elements]))).toBe(
      `limit-exceeded: [tensor [${elements}]] a buffer of ${Math.ceil((elements * 4) / 16) * 16} bytes is too large for ` +
        `this device; its maxBufferSize is ${most} bytes. ` +
        'Fix: split the tensor, choose a smaller variant, or a shorter maximum length.',
    );
  });

  test('shows the line of a shader that does not compile', async () => {
    const problem = rmsNorm.problem({ axes: { rows: 1, hidden: 4 } });
    const good = rmsNorm.program(problem, rmsNorm.plans(problem, opened.capabilities).at(-1)!);
    const program = { ...good, wgsl: `${good.wgsl}\nfn wrong() -> u32 { return true; }` };
    const message = await messageOf(() => device.compile([program]));
    expect(message).toContain(
      `shader-error: [rms-norm] the shader of plan ${JSON.stringify(good.plan)} does not compile: line `,
    );
    expect(message).toContain('fn wrong() -> u32 { return true; }');
    expect(message).toContain(
      'Fix: report this bug of the kernel with the adapter; if the kernel is yours, the line is one of `program.wgsl`.',
    );
  });

  test('compiles the same text once', async () => {
    const problem = rmsNorm.problem({ axes: { rows: 1, hidden: 20 } });
    const program = rmsNorm.program(problem, rmsNorm.plans(problem, opened.capabilities).at(-1)!);
    const before = device.counters.pipelinesCompiled;
    await device.compile([program, program]);
    await device.compile([{ ...program }]);
    expect(device.counters.pipelinesCompiled - before).toBe(1);
  });

  test.skipIf(testProfile.compileOnly)('runs 10,000 times without allocating', async () => {
    const compute = elementwiseFilling({ expression: ['add', 'y', 1], columns: 4, inPlace: 'y' });
    const y = device.tensor([1, 4]);
    const bound = await bindKernel(device, elementwise, {
      axes: { rows: 1, columns: 4 },
      slots: { compute },
      inputs: {},
      outputs: { 'compute.y': y } as never,
    });
    bound.run();
    await device.idle();
    const before = { ...device.counters };
    for (let step = 1; step < 10_000; step++) {
      bound.run();
      if (step % 1000 === 0) await device.idle();
    }
    const { submits, dispatches, movedBytes, ...rest } = before;
    expect(device.counters).toMatchObject(rest);
    expect(device.counters.submits - submits).toBe(9999);
    expect(device.counters.dispatches - dispatches).toBe(9999);
    expect(device.counters.movedBytes - movedBytes).toBe(9999 * 16);
    expect([...(await y.read())]).toEqual([10_000, 10_000, 10_000, 10_000]);
  });

  test.skipIf(testProfile.compileOnly)('folds more than 65,535 workgroups', async () => {
    const rows = 65_535 + 17;
    const x = device.tensor(
      [rows, 1],
      Float32Array.from({ length: rows }, (_, i) => i - 30_000.5),
    );
    const { y } = await runKernel(device, rmsNorm, {
      inputs: { x } as never,
      options: { gain: false },
      scalars: { eps: 0 },
    });
    const got = (await y.read()) as Float32Array;
    expect(got.findIndex((value, i) => Math.abs(value - Math.sign(i - 30_000.5)) > 1e-6)).toBe(-1);
  });

  test.skipIf(testProfile.compileOnly)('times dispatches and runs, where it can', async () => {
    const x = device.tensor([64, 256]);
    const bound = await bindKernel(device, rmsNorm, { inputs: { x } as never, options: { gain: false } });
    const entries = await profilerOf(device).record(() => {
      bound.run();
      bound.run();
    });
    expect(profilerOf(device).available).toBe(device.gpu.features.has('timestamp-query'));
    if (profilerOf(device).available) {
      expect(entries.map((entry) => entry.label)).toEqual(['rms-norm.main', 'rms-norm.main']);
      for (const { timeMs } of entries) expect(timeMs).toBeGreaterThan(0);
    } else expect(entries).toEqual([]);
    const runs = await profilerOf(device).record(() => bound.run(), 'run');
    expect(runs.length).toBe(profilerOf(device).available ? 1 : 0);
    const both = await Promise.all([
      profilerOf(device).record(() => bound.run()),
      profilerOf(device).record(() => (bound.run(), bound.run())),
    ]);
    expect(both.map((each) => each.length)).toEqual(profilerOf(device).available ? [1, 2] : [0, 0]);
    await device.idle();
  });
});

describe('folding workgroups', () => {
  test.each([
    [1, [1, 1, 1]],
    [65_535, [65_535, 1, 1]],
    [65_536, [32_768, 2, 1]],
    [65_535 ** 2, [65_535, 65_535, 1]],
  ])('%d', (total, folded) => {
    expect(foldWorkgroups(total, 'test')).toEqual(folded);
  });

  test('never too few, never beyond the limit, and few too many', () => {
    for (const total of [65_537, 1_000_003, 2 ** 31, 65_535 ** 2 + 1, 2 ** 40 + 12_345]) {
      const folded = foldWorkgroups(total, 'test');
      const product = folded.reduce((a, b) => a * b, 1);
      expect(product).toBeGreaterThanOrEqual(total);
      expect(product / total).toBeLessThan(1.001);
      for (const size of folded) expect(size).toBeLessThanOrEqual(65_535);
    }
  });

  test('beyond three dimensions', async () => {
    expect(await messageOf(() => foldWorkgroups(65_535 ** 3 * 2, 'test'))).toBe(
      `limit-exceeded: [test] ${65_535 ** 3 * 2} workgroups were asked for; a dispatch has at most 65,535³.`,
    );
  });
});

describe('the end of a device', () => {
  test('after dispose', async () => {
    const { device } = await openTestDevice();
    device.dispose();
    device.dispose();
    const sentence =
      'disposed: [device] the device was disposed, before this or while it was under way. ' +
      'Fix: dispose of it when nothing is pending, or open another.';
    expect(await messageOf(() => device.tensor([1]))).toBe(sentence);
    expect(await messageOf(() => device.idle())).toBe(sentence);
    expect(device.counters.bytesAlive).toBe(0);
  });

  test('a lost device says so everywhere', async () => {
    const { device } = await openTestDevice();
    const x = device.tensor([2, 4]);
    const bound = await bindKernel(device, rmsNorm, { inputs: { x } as never, options: { gain: false } });
    const { bytesAlive, buffersAlive } = device.counters;
    device.gpu.destroy();
    const error = await device.lost;
    expect(isTilewrightError(error) && errorFamily(error.code)).toBe('unavailable');
    expect(error.message).toMatch(
      /^\[device\] the GPU device was lost: .+; \d+ bytes in \d+ buffers were alive on it\. Fix: /,
    );
    expect(error.message).toContain(`${bytesAlive} bytes in ${buffersAlive} buffers were alive on it`);
    expect(error.message).toContain(
      'Fix: open a new device and load again, with less memory or shorter steps.',
    );
    const sentence = `device-lost: ${error.message}`;
    expect(await messageOf(() => bound.run())).toBe(sentence);
    expect(await messageOf(() => x.read())).toBe(sentence);
    expect(await messageOf(() => device.tensor([1]))).toBe(sentence);
    expect(await messageOf(() => device.idle())).toBe(sentence);
    // Again and again: the loss is not forgotten.
    expect(await messageOf(() => device.idle())).toBe(sentence);
    const problem = rmsNorm.problem({ axes: { rows: 1, hidden: 12 } });
    const program = rmsNorm.program(problem, { ...rmsNorm.plans(problem, device.capabilities)[0]! });
    expect(await messageOf(() => device.compile([program]))).toBe(sentence);
  });

  test('a loss while reading', async () => {
    const { device } = await openTestDevice();
    const x = device.tensor([4]);
    const reading = messageOf(() => x.read());
    device.gpu.destroy();
    expect(await reading).toBe(`device-lost: ${(await device.lost).message}`);
  });

  test('a loss while timing', async () => {
    const { device } = await openTestDevice();
    const x = device.tensor([2, 4]);
    const bound = await bindKernel(device, rmsNorm, { inputs: { x } as never, options: { gain: false } });
    const timing = messageOf(() => profilerOf(device).record(() => bound.run()));
    device.gpu.destroy();
    const sentence = `device-lost: ${(await device.lost).message}`;
    expect(await timing).toBe(profilerOf(device).available ? sentence : 'nothing was thrown');
  });

  test('dispose while reading', async () => {
    const { device } = await openTestDevice();
    const reader = device.memory.readback(16, 'reader');
    const x = device.tensor([4]);
    const reading = messageOf(() => reader.read(x));
    reader.dispose();
    expect(await reading).toBe('disposed: [reader] it was read after dispose().');
    const whole = messageOf(() => x.read());
    device.dispose();
    expect(await whole).toBe(
      'disposed: [device] the device was disposed, before this or while it was under way. ' +
        'Fix: dispose of it when nothing is pending, or open another.',
    );
  });

  test('the same options share one instance of Dawn', async () => {
    const gpu = await findGpu();
    expect(await findGpu([...defaultDawnOptions])).toBe(gpu);
    expect(await findGpu(['backend=null'])).not.toBe(gpu);
  });

  test('out of memory says what was asked for and what is in use', async () => {
    const { device: real } = await openTestDevice();
    // The real thing would take the machine down with it; this device answers as WebGPU says a full one does.
    let error: { readonly message: string } | null = null;
    const full = new Proxy(real.gpu, {
      get(target, name) {
        if (name === 'popErrorScope') return async () => (await target.popErrorScope(), error);
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const device = await openDevice({ device: full });
    const kept = await device.allocating('weights', 64, () => device.tensor([16]));
    expect(kept.sizeBytes).toBe(64);
    error = { message: 'Out of memory.' };
    expect(await messageOf(() => device.allocating('model', 4096, () => device.tensor([1024])))).toBe(
      'out-of-memory: [model] 4096 bytes could not be allocated (Out of memory); 4160 bytes are in use by this device. ' +
        'Fix: dispose of other models or tensors, choose a smaller variant, or a shorter maximum length.',
    );
    error = null;
    expect(await messageOf(() => device.allocating('model', 8, () => device.tensor([-2])))).toBe(
      'bad-argument: [tensor [-2]] a size is -2; it must be a non-negative integer.',
    );
    device.dispose();
    real.dispose();
  });

  test("the caller's own device is not destroyed", async () => {
    const { device: real } = await openTestDevice();
    const device = await openDevice({ device: real.gpu });
    device.dispose();
    expect(await messageOf(() => real.idle())).toBe('nothing was thrown');
    real.dispose();
  });

  test("the errors of a device's owner stay with the owner, and ours with us", async () => {
    const { device: real } = await openTestDevice();
    const { gpu } = real;
    const heard: string[] = [];
    gpu.addEventListener('uncapturederror', (event) => {
      heard.push(event.error.message);
      event.preventDefault();
    });
    const device = await openDevice({ device: gpu });
    const x = device.tensor([2, 4]);
    const bound = await bindKernel(device, rmsNorm, { inputs: { x } as never, options: { gain: false } });
    gpu.createBuffer({ size: 16, usage: 0x1 | 0x80, label: 'of the page' }); // MAP_READ beside STORAGE is not allowed
    bound.run();
    await device.idle();
    device.tensor([4]);
    await x.read();
    expect(heard).toHaveLength(1);
    expect(heard[0]).toContain('of the page');

    // A binding whose buffer the page destroyed behind our back: that submit is ours.
    x.buffer.destroy();
    bound.run();
    expect(await messageOf(() => device.idle())).toMatch(
      /^invariant: \[device\] WebGPU reported: .*tensor \[2, 4\].*destroyed/s,
    );
    expect(await messageOf(() => device.idle())).toBe('nothing was thrown');
    expect(heard).toHaveLength(1);

    // The page's own scopes get the page's errors, also around calls of ours.
    gpu.pushErrorScope('validation');
    gpu.createBuffer({ size: 16, usage: 0x1 | 0x80, label: 'in a scope' });
    device.tensor([4]);
    expect((await gpu.popErrorScope())?.message).toContain('in a scope');
    await device.idle();
    expect(heard).toHaveLength(1);
    device.dispose();
    real.dispose();
  });

  test.each([
    [Promise.resolve({}), 'a promise'],
    [{}, 'an object'],
    [null, 'null'],
  ])('what is no GPUDevice: %s', async (device, kind) => {
    expect(await messageOf(() => openDevice({ device: device as never }))).toBe(
      `bad-argument: [openDevice] the device is ${kind}; it is a GPUDevice. ` +
        'Fix: write await in front of requestDevice(), or leave it out.',
    );
  });

  test('an option that nobody knows', async () => {
    expect(await messageOf(() => openDevice({ powerPreferenc: 'low-power' } as never))).toBe(
      "bad-argument: [openDevice] there is no option 'powerPreferenc'; known are device, gpu, powerPreference, profile, " +
        "dawnOptions. Fix: write 'powerPreference'.",
    );
  });

  test.each([
    [{ powerPreference: 'high' }, "powerPreference is 'high'; it must be 'low-power' or 'high-performance'"],
    [{ profile: 'foo' }, "profile is 'foo'; it must be 'best' or 'floor'"],
    [
      null,
      'the argument is null; it must be an object of device, gpu, powerPreference, profile, dawnOptions',
    ],
  ])('%j', async (options, message) => {
    expect(await messageOf(() => openDevice(options as never))).toContain(
      `bad-argument: [openDevice] ${message}. Fix: `,
    );
  });

  test('no adapter', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    expect(await messageOf(() => openDevice({ gpu }))).toBe(
      'no-adapter: [openDevice] WebGPU found no adapter; it needs a GPU driver (Vulkan, Metal or Direct3D 12) or a software ' +
        'adapter. Fix: run `npx tilewright doctor`, which can also use an embedded software adapter.',
    );
  });
});
