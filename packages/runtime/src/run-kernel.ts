import {
  evaluate,
  isBound,
  type Kernel,
  type Layout,
  type Plan,
  type Problem,
  type ProblemInput,
  type Sizes,
  storageOf,
  type TensorContract,
  TilewrightError,
} from '@tilewright/kernels';
import type { Device } from './device.ts';
import type { BufferSlice } from './memory.ts';
import { freedTensor, type Sequence } from './sequence.ts';
import { elementCount, type Tensor } from './tensor.ts';

export interface RunOptions<Input extends string, Output extends string> extends Partial<ProblemInput> {
  /**
   * The tensors to read, fillings' ones as `<slot>.<binding>`. Axes are taken from their shapes. Those that an option
   * leaves out may be absent; any other that is missing is refused by name.
   */
  readonly inputs: Readonly<Partial<Record<Input, Tensor>>> & Readonly<Record<string, Tensor>>;
  /** Tensors to write; those that are absent are made (and are then yours to dispose of). */
  readonly outputs?: Readonly<Partial<Record<Output, Tensor>>> & Readonly<Record<string, Tensor>>;
  /** Values of the kernel's uniforms. */
  readonly uniforms?: Sizes;
  /** Default: the first of `kernel.plans`. */
  readonly plan?: Plan;
}

/** A kernel with its Plan, its pipelines and its buffers: running it again allocates nothing. */
export interface BoundKernel<Output extends string = string> {
  readonly plan: Plan;
  readonly outputs: Readonly<Record<Output, Tensor>>;
  readonly sequence: Sequence;
  /** `uniforms` replaces the values given when it was bound; axes may only shrink. Throws `bad-argument`. */
  run(uniforms?: Sizes): void;
  /** Frees scratch buffers; outputs stay. */
  dispose(): void;
}

/** Plans, compiles and binds one kernel on caller's tensors. Throws what `problem`, `plans` and the shapes give reason for. */
export async function bindKernel<Input extends string, Output extends string>(
  device: Device,
  kernel: Kernel<Input, Output>,
  options: RunOptions<Input, Output>,
): Promise<BoundKernel<Output>> {
  const axes: Record<string, number> = { ...options.axes };
  const given = { ...options.inputs, ...options.outputs } as Record<string, Tensor>;
  const known = Object.keys({ ...kernel.inputs, ...kernel.outputs });
  for (const name of Object.keys(given))
    if (!known.includes(name) && !name.includes('.'))
      throw new TilewrightError('bad-argument', {
        subject: kernel.name,
        problem: `unknown tensor '${name}'`,
        requirement: `the tensors are ${known.join(', ')}`,
        fix: 'remove or rename it',
      });
  for (const [name, contract] of Object.entries<TensorContract>({ ...kernel.inputs, ...kernel.outputs })) {
    const tensor = given[name];
    if (tensor) inferAxes(kernel.name, name, contract.shape, tensor.shape, axes);
    else if (name in kernel.inputs && contract.when === undefined)
      throw missingTensor(kernel.name, name, Object.keys(kernel.inputs));
  }
  const dtypes = Object.fromEntries(
    Object.entries(given)
      .filter(([, tensor]) => tensor.dtype === 'f16' || tensor.dtype === 'f32')
      .map(([name, tensor]) => [name, tensor.dtype]),
  );
  const layouts = Object.fromEntries(
    Object.entries(given).flatMap(([name, tensor]) => {
      const layout = tensor.layout ?? denseLayout(kernel, name, tensor);
      return layout ? [[name, layout]] : [];
    }),
  );
  const problem = kernel.problem({
    ...pick(options),
    axes,
    dtypes: { ...dtypes, ...options.dtypes },
    layouts: { ...layouts, ...options.layouts },
  });
  const plan = options.plan ?? kernel.plans(problem, device.capabilities)[0]!;
  const program = kernel.program(problem, plan);

  const bindings: Record<string, BufferSlice> = {};
  const outputs: Record<string, Tensor> = {};
  const scratch: GPUBuffer[] = [];
  const made: Tensor[] = [];
  const values = { ...axes, ...options.uniforms };
  const freeScratch = (): void => scratch.forEach(device.memory.free);
  const makeTensor = (name: string): Tensor | undefined => {
    const tensor = makeOutput(device, kernel, name, problem, axes);
    if (tensor) made.push(tensor);
    return tensor;
  };
  const bind = async (): Promise<Sequence> => {
    for (const binding of program.bindings) {
      const { name } = binding;
      if (binding.role === 'scratch') {
        const { sizeBytes } = program.scratch.find((each) => each.name === name)!;
        const buffer = device.memory.storage(
          evaluate(sizeBytes, { ...values, ...axes }),
          `${kernel.name} ${name}`,
        );
        scratch.push(buffer);
        bindings[name] = { buffer, offsetBytes: 0, sizeBytes: buffer.size };
        continue;
      }
      const tensor = given[name] ?? (binding.role === 'input' ? undefined : makeTensor(name));
      if (!tensor)
        throw missingTensor(
          kernel.name,
          name,
          program.bindings.map((each) => each.name),
        );
      checkTensor(device, kernel, problem, name, tensor);
      bindings[name] = tensor;
      if (binding.role !== 'input') outputs[name] = tensor;
    }
    assertNoAliasing(kernel.name, program.bindings, bindings);
    return await device.sequence([{ program, bindings }]);
  };
  let sequence: Sequence;
  try {
    sequence = await bind();
  } catch (error) {
    freeScratch();
    for (const tensor of made) tensor.dispose();
    throw error;
  }
  return {
    plan,
    outputs: outputs as Record<Output, Tensor>,
    sequence,
    run(uniforms) {
      const all: Sizes = { ...values, ...uniforms };
      for (const [axis, most] of Object.entries(axes)) checkAxis(kernel.name, axis, all[axis]!, most);
      sequence.run(all);
    },
    dispose() {
      sequence.dispose();
      freeScratch();
    },
  };
}

/** Runs one kernel once. For repeated use {@link bindKernel} keeps what was made. */
export async function runKernel<Input extends string, Output extends string>(
  device: Device,
  kernel: Kernel<Input, Output>,
  options: RunOptions<Input, Output>,
): Promise<Readonly<Record<Output, Tensor>>> {
  const bound = await bindKernel(device, kernel, options);
  try {
    bound.run();
  } catch (error) {
    const given = new Set(Object.values({ ...options.inputs, ...options.outputs }));
    for (const tensor of Object.values<Tensor>(bound.outputs)) if (!given.has(tensor)) tensor.dispose();
    throw error;
  } finally {
    bound.dispose();
  }
  return bound.outputs;
}

/** What was bound, scratch buffers too, has room for the axes it was bound with. */
function checkAxis(kernel: string, axis: string, size: number, most: number): void {
  if (Number.isSafeInteger(size) && size >= 0 && size <= most) return;
  throw new TilewrightError('bad-argument', {
    subject: kernel,
    problem: `axis '${axis}' is ${size}`,
    requirement: `it was bound with ${most}, and a run takes an integer from 0 to that`,
    fix: 'bind larger tensors',
  });
}

function pick(options: Partial<ProblemInput>): Omit<ProblemInput, 'axes' | 'dtypes' | 'layouts'> {
  const { scalars, options: flags, slots } = options;
  return {
    ...(scalars && { scalars }),
    ...(flags && { options: flags }),
    ...(slots && { slots }),
  };
}

function inferAxes(
  kernel: string,
  name: string,
  axisNames: readonly string[],
  shape: readonly number[],
  axes: Record<string, number>,
): void {
  if (axisNames.length !== shape.length)
    throw new TilewrightError('bad-shape', {
      subject: kernel,
      problem: `'${name}' has shape [${shape.join(', ')}]`,
      requirement: `it must be [${axisNames.join(', ')}]`,
      fix: `give '${name}' ${axisNames.length} dimensions`,
    });
  axisNames.forEach((axis, i) => {
    const size = shape[i]!;
    const known = axes[axis];
    if (known !== undefined && known !== size)
      throw new TilewrightError('bad-shape', {
        subject: kernel,
        problem: `axis '${axis}' is ${size} in '${name}' [${shape.join(', ')}]`,
        requirement: `elsewhere it is ${known}`,
        fix: `make the '${axis}' of all tensors equal`,
      });
    axes[axis] = size;
  });
}

function missingTensor(kernel: string, name: string, names: readonly string[]): TilewrightError {
  return new TilewrightError('bad-argument', {
    subject: kernel,
    problem: `the tensor '${name}' is missing`,
    requirement: `the kernel binds ${names.join(', ')}`,
    fix: `give inputs.${name}`,
  });
}

/** A plain tensor given for a weight is a dense one. */
function denseLayout(kernel: Kernel, name: string, { dtype }: Tensor): Layout | undefined {
  if (kernel.inputs[name]?.dtype !== 'weight') return undefined;
  return { kind: 'dense', dtype };
}

/** The tensor is there, and stores what the contract (or the filling) says; shapes of contract tensors gave the axes. */
function checkTensor(device: Device, kernel: Kernel, problem: Problem, name: string, tensor: Tensor): void {
  if (device.memory.wasFreed(tensor.buffer)) throw freedTensor(kernel.name, name);
  if (device.memory.isForeign(tensor.buffer))
    throw new TilewrightError('bad-argument', {
      subject: kernel.name,
      problem: `'${name}' is on another device`,
      requirement: 'a kernel reads and writes only what its own device holds',
      fix: `make '${name}' with the device that runs the kernel`,
    });
  const contract = kernel.inputs[name] ?? kernel.outputs[name];
  if (contract?.dtype === 'weight') return;
  const [slot, binding] = name.split('.') as [string, string];
  const filled = contract ? undefined : problem.slots[slot]!.bindings![binding]!;
  const chosen = problem.dtypes[name] ?? 'f32';
  const wanted = contract ? storageOf(contract, chosen) : filled!.dtype === 'float' ? chosen : filled!.dtype;
  if (tensor.dtype !== wanted || tensor.layout)
    throw new TilewrightError('bad-dtype', {
      subject: kernel.name,
      problem: `'${name}' is ${tensor.layout ? 'a weight' : tensor.dtype}`,
      requirement: `the kernel stores it as ${wanted}`,
      fix: `make '${name}' with dtype '${wanted}'`,
    });
  const shape = filled?.shape.map((axis) => (typeof axis === 'number' ? axis : problem.axes[axis]!));
  if (shape && elementCount(shape) !== elementCount(tensor.shape))
    throw new TilewrightError('bad-shape', {
      subject: kernel.name,
      problem: `'${name}' has shape [${tensor.shape.join(', ')}]`,
      requirement: `it must be [${shape.join(', ')}]`,
      fix: `give '${name}' ${elementCount(shape)} elements`,
    });
}

function makeOutput(
  device: Device,
  kernel: Kernel,
  name: string,
  problem: ReturnType<Kernel['problem']>,
  axes: Sizes,
): Tensor | undefined {
  const contract = kernel.outputs[name];
  if (!contract || !isBound(contract, problem)) return undefined;
  const shape = contract.shape.map((axis) => axes[axis]!);
  return device.tensor(shape, undefined, storageOf(contract, problem.dtypes[name]));
}

function assertNoAliasing(
  kernel: string,
  bindings: readonly { readonly name: string; readonly access: string }[],
  slices: Readonly<Record<string, BufferSlice>>,
): void {
  for (const a of bindings)
    for (const b of bindings)
      if (a.access === 'read_write' && a !== b && slices[a.name]!.buffer === slices[b.name]!.buffer)
        throw new TilewrightError('bad-argument', {
          subject: kernel,
          problem: `'${a.name}' is written and shares its buffer with '${b.name}'`,
          requirement: 'WebGPU allows no buffer to be written and bound a second time in one dispatch',
          fix: `give '${a.name}' a buffer of its own`,
        });
}
