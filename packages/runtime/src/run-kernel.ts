import {
  evaluate,
  holds,
  isBound,
  type Kernel,
  type Plan,
  type ProblemInput,
  shapeOf,
  type Sizes,
  storageOf,
  type TensorContract,
  TilewrightError,
} from '@tilewright/kernels';
import {
  assertNoAliasing,
  checkAxis,
  checkTensor,
  denseLayout,
  inferAxes,
  missingTensor,
} from './check-tensors.ts';
import type { Device } from './device.ts';
import type { BufferSlice } from './memory.ts';
import type { Sequence } from './sequence.ts';
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
  const omitted = Object.values(options.slots ?? {}).flatMap(({ omits = [] }) => omits);
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
    if (tensor) {
      const shape = contract.flat ? [elementCount(tensor.shape)] : tensor.shape;
      inferAxes(kernel.name, name, shapeOf(contract, options.options ?? {}), shape, axes);
    } else if (
      name in kernel.inputs &&
      holds(contract.when, options.options ?? {}) &&
      !omitted.includes(name)
    )
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

function pick(options: Partial<ProblemInput>): Omit<ProblemInput, 'axes' | 'dtypes' | 'layouts'> {
  const { scalars, options: flags, slots } = options;
  return {
    ...(scalars && { scalars }),
    ...(flags && { options: flags }),
    ...(slots && { slots }),
  };
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
  const shape = shapeOf(contract, problem.options).map((axis) => axes[axis]!);
  return device.tensor(shape, undefined, storageOf(contract, problem.dtypes[name]));
}
