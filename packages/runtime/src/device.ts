import {
  aKindOf,
  type Capabilities,
  checkedLater,
  checkOptions,
  having,
  listOf,
  oneOf,
  type OptionKind,
  optional,
  type HostTensor,
  isTilewrightError,
  type Program,
  type StorageType,
  TilewrightError,
} from '@tilewright/kernels';
import { formatBytes } from '@tilewright/kernels/weights/unchecked';
import {
  type AdapterReport,
  capabilitiesOf,
  describeAdapter,
  usefulFeatures,
  usefulLimits,
} from './capabilities.ts';
import { type Counters, newCounters } from './counters.ts';
import { findGpu } from './gpu.ts';
import { assertSizes, createMemory, type BufferSlice, type Memory } from './memory.ts';
import { createErrorScopes, deviceError } from './error-scopes.ts';
import { createPipelineCache } from './pipelines.ts';
import type { PassTiming } from './pass-timing.ts';
import { createSequence, type Sequence } from './sequence.ts';
import type { SequenceItem } from './sequence-item.ts';
import { bytesPerElement, elementCount, type Tensor, type TensorData, tensorOver } from './tensor.ts';

export interface OpenDeviceOptions {
  /** Your own device; it is used as it is, and not destroyed by `dispose`. */
  readonly device?: GPUDevice;
  /** Where to look for adapters; default `navigator.gpu`, or Dawn in Node. */
  readonly gpu?: GPU;
  readonly powerPreference?: GPUPowerPreference;
  /** `floor` asks for no features and the default limits, which is what the weakest browser gives. */
  readonly profile?: 'best' | 'floor';
  /** Dawn's `create` options (Node only), instead of the defaults. */
  readonly dawnOptions?: readonly string[];
}

/** A GPU device and everything this library keeps on it. */
export interface Device {
  readonly gpu: GPUDevice;
  readonly adapter: AdapterReport;
  readonly capabilities: Capabilities;
  readonly counters: Counters;
  /** What profilers time passes by: see `profilerOf`. */
  readonly timing: PassTiming;
  readonly memory: Memory;
  /** Settles, with a typed error, when the device is lost for a reason other than `dispose`. */
  readonly lost: Promise<TilewrightError>;
  /**
   * A tensor of that shape, zeroed or holding `data`. The default dtype follows the data's array type, else f32. Throws
   * `bad-argument` for impossible sizes, `bad-shape` and `bad-dtype` for what does not fit.
   */
  tensor(shape: readonly number[], data?: TensorData | readonly number[], dtype?: StorageType): Tensor;
  /** A weight on the GPU in its own format, for kernels that read it. Throws `bad-argument` for too few or many bytes. */
  weight(host: HostTensor, label?: string): Tensor;
  /** Compiles Programs ahead of their first use, all in parallel. */
  compile(programs: readonly Program[]): Promise<void>;
  sequence(items: readonly SequenceItem[]): Promise<Sequence>;
  /** Waits until all submitted work is done; throws what went wrong meanwhile. */
  idle(): Promise<void>;
  /** Runs `allocate` and throws `out-of-memory`, saying what was asked for, if the GPU could not provide it. */
  allocating<T>(what: string, sizeBytes: number, allocate: () => T): Promise<T>;
  dispose(): void;
}

const optionKinds = (): Readonly<Record<keyof OpenDeviceOptions, OptionKind>> => ({
  device: checkedLater,
  gpu: checkedLater,
  powerPreference: optional(oneOf('low-power', 'high-performance')),
  profile: optional(oneOf('best', 'floor')),
  dawnOptions: checkedLater,
});

/** Opens a device. Throws `bad-argument` for unknown options and what is no GPUDevice, `no-adapter` with what to do about it, or `missing-dependency` in a Node without `webgpu`. */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<Device> {
  checkOptions('openDevice', options, optionKinds());
  const { device: owned } = options;
  if (owned !== undefined) {
    if (!owned?.queue)
      throw new TilewrightError('bad-argument', {
        subject: 'openDevice',
        problem: `the device is ${aKindOf(owned)}`,
        requirement: 'it is a GPUDevice',
        fix: 'write await in front of requestDevice(), or leave it out',
      });
    return wrapDevice(owned, options.gpu, false);
  }
  const gpu = options.gpu ?? (await findGpu(options.dawnOptions));
  const adapter = await gpu.requestAdapter(
    options.powerPreference ? { powerPreference: options.powerPreference } : undefined,
  );
  if (!adapter)
    throw new TilewrightError('no-adapter', {
      subject: 'openDevice',
      problem: 'WebGPU found no adapter',
      requirement: 'it needs a GPU driver (Vulkan, Metal or Direct3D 12) or a software adapter',
      fix: 'run `npx tilewright doctor`, which can also use an embedded software adapter',
    });
  const best = options.profile !== 'floor';
  const device = await adapter.requestDevice({
    label: 'tilewright',
    ...(best ? { requiredFeatures: usefulFeatures(adapter), requiredLimits: usefulLimits(adapter) } : {}),
  });
  return wrapDevice(device, gpu, true);
}

function wrapDevice(device: GPUDevice, gpu: GPU | undefined, owned: boolean): Device {
  const adapter = describeAdapter(device.adapterInfo, device);
  const counters = newCounters();
  const failures: TilewrightError[] = [];
  let disposed = false;

  const scopes = createErrorScopes(device, (error) => failures.push(deviceError(error)));
  const lost = new Promise<TilewrightError>((resolve) => {
    void device.lost.then((info) => {
      if (disposed) return;
      const error = new TilewrightError('device-lost', {
        subject: 'device',
        problem: `the GPU device was lost: ${info.message || info.reason}`,
        requirement: `${counters.bytesAlive} bytes in ${counters.buffersAlive} buffers were alive on it`,
        fix: 'open a new device and load again, with less memory or shorter steps',
      });
      failures.push(error);
      resolve(error);
    });
  });
  const assertUsable = (): void => {
    if (disposed)
      throw new TilewrightError('disposed', {
        subject: 'device',
        problem: 'the device was disposed, before this or while it was under way',
        fix: 'dispose of it when nothing is pending, or open another',
      });
    const failure = failures[0];
    if (!failure) return;
    if (failure.code !== 'device-lost') failures.shift();
    throw failure;
  };
  const pipelines = createPipelineCache(device, counters, scopes);
  const memory = createMemory(device, counters, scopes, assertUsable);
  const timing: PassTiming = { encode: undefined, scoped: (work) => scopes.run(work) };
  const idle = async (): Promise<void> => {
    assertUsable();
    await device.queue.onSubmittedWorkDone();
    await scopes.settled();
    assertUsable();
  };
  const host = { device, memory, pipelines, counters, timing, scopes, assertUsable };

  return Object.freeze({
    gpu: device,
    adapter,
    capabilities: capabilitiesOf(
      adapter,
      gpu ?? (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu,
    ),
    counters,
    timing,
    memory,
    lost,
    tensor(shape: readonly number[], data?: TensorData | readonly number[], dtype?: StorageType) {
      assertUsable();
      const type =
        dtype ?? (data instanceof Uint32Array ? 'u32' : data instanceof Int32Array ? 'i32' : 'f32');
      if (!Array.isArray(shape))
        throw new TilewrightError('bad-argument', {
          subject: 'tensor',
          problem: `the shape is ${aKindOf(shape)}`,
          requirement: 'it is a list of sizes',
          fix: 'write [rows, columns], and the data after it',
        });
      const label = `tensor [${shape.join(', ')}]`;
      assertSizes(label, shape);
      if (!['f32', 'f16', 'u32', 'i32'].includes(type))
        throw new TilewrightError('bad-dtype', {
          subject: label,
          problem: `there is no dtype ${type}`,
          requirement: 'tensors store f32, f16, u32 or i32',
          fix: 'convert the numbers to one of these',
        });
      const sizeBytes = elementCount(shape) * bytesPerElement(type);
      const slice: BufferSlice = {
        buffer: memory.storage(sizeBytes, label),
        offsetBytes: 0,
        sizeBytes,
      };
      const tensor = tensorOver(memory, slice, shape, type, true);
      try {
        if (data !== undefined) tensor.write(data);
      } catch (error) {
        tensor.dispose();
        throw error;
      }
      return tensor;
    },
    weight(host: HostTensor, label = 'weight') {
      assertUsable();
      checkOptions('weight', { host }, { host: having('a tensor of the host', 'format', 'shape', 'bytes') });
      const wanted = formatBytes(host.format, host.shape);
      if (host.bytes.byteLength !== wanted)
        throw new TilewrightError('bad-argument', {
          subject: label,
          problem: `the weight has ${host.bytes.byteLength} bytes`,
          requirement: `its format takes ${wanted}`,
        });
      const sizeBytes = Math.ceil(wanted / 4) * 4;
      const slice: BufferSlice = { buffer: memory.storage(sizeBytes, label), offsetBytes: 0, sizeBytes };
      memory.upload(slice, host.bytes);
      return tensorOver(memory, slice, host.shape, 'u32', true, host.format);
    },
    async compile(programs: readonly Program[]) {
      assertUsable();
      checkOptions('compile', { programs }, { programs: listOf(having('a Program', 'wgsl', 'dispatches')) });
      await Promise.all(programs.map((program) => pipelines.compile(program)));
      await scopes.settled();
      assertUsable();
    },
    sequence: (items: readonly SequenceItem[]) => createSequence(host, items),
    idle,
    async allocating<T>(what: string, sizeBytes: number, allocate: () => T): Promise<T> {
      let failure: unknown;
      try {
        const { result, error } = await scopes.watch(allocate);
        if (!error) return result;
        failure = error;
      } catch (error) {
        if (isTilewrightError(error)) throw error;
        failure = error;
      }
      throw outOfMemory(what, sizeBytes, counters, (failure as Error).message);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      memory.freeAll();
      if (owned) device.destroy();
    },
  });
}

function outOfMemory(what: string, sizeBytes: number, counters: Counters, message: string): TilewrightError {
  return new TilewrightError('out-of-memory', {
    subject: what,
    problem: `${sizeBytes} bytes could not be allocated (${message.trim().replace(/\.$/, '')})`,
    requirement: `${counters.bytesAlive} bytes are in use by this device`,
    fix: 'dispose of other models or tensors, choose a smaller variant, or a shorter maximum length',
  });
}
