import { evaluate, isBound, type Kernel, type Plan, type ProblemInput, type Sizes, storageOf, TilewrightError } from '@tilewright/kernels';
import type { Device } from './device.ts';
import type { BufferSlice } from './memory.ts';
import type { Sequence } from './sequence.ts';
import type { Tensor } from './tensor.ts';

export interface RunOptions<Input extends string, Output extends string> extends Partial<ProblemInput> {
  /** The tensors to read, fillings' ones as `<slot>.<binding>`. Axes are taken from their shapes. */
  readonly inputs: Readonly<Record<Input, Tensor>> & Readonly<Record<string, Tensor>>;
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
  /** `uniforms` replaces the values given when it was bound. */
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
  for (const [name, contract] of Object.entries<{ shape: readonly string[] }>(kernel.inputs)) {
    const tensor = (options.inputs as Record<string, Tensor>)[name];
    if (!tensor) continue;
    inferAxes(kernel.name, name, contract.shape, tensor.shape, axes);
  }
  const given = { ...options.inputs, ...options.outputs } as Record<string, Tensor>;
  const dtypes = Object.fromEntries(
    Object.entries(given)
      .filter(([, tensor]) => tensor.dtype === 'f16' || tensor.dtype === 'f32')
      .map(([name, tensor]) => [name, tensor.dtype]),
  );
  const layouts = Object.fromEntries(
    Object.entries(given).flatMap(([name, { layout }]) => (layout ? [[name, layout]] : [])),
  );
  const problem = kernel.problem({ ...pick(options), axes, dtypes: { ...dtypes, ...options.dtypes }, layouts: { ...layouts, ...options.layouts } });
  const plan = options.plan ?? kernel.plans(problem, device.capabilities)[0]!;
  const program = kernel.program(problem, plan);

  const bindings: Record<string, BufferSlice> = {};
  const outputs: Record<string, Tensor> = {};
  const scratch: GPUBuffer[] = [];
  const values = { ...axes, ...options.uniforms };
  for (const binding of program.bindings) {
    const { name } = binding;
    if (binding.role === 'scratch') {
      const { sizeBytes } = program.scratch.find((each) => each.name === name)!;
      const buffer = device.memory.storage(evaluate(sizeBytes, values), `${kernel.name} ${name}`);
      scratch.push(buffer);
      bindings[name] = { buffer, offsetBytes: 0, sizeBytes: buffer.size };
      continue;
    }
    const tensor = given[name] ?? (binding.role === 'input' ? undefined : makeOutput(device, kernel, name, problem, axes));
    if (!tensor)
      throw new TilewrightError('bad-argument', {
        subject: kernel.name,
        problem: `the tensor '${name}' is missing`,
        requirement: `the program binds ${program.bindings.map((each) => each.name).join(', ')}`,
        fix: `give inputs.${name}`,
      });
    bindings[name] = tensor;
    if (binding.role !== 'input') outputs[name] = tensor;
  }
  assertNoAliasing(kernel.name, program.bindings, bindings);
  const sequence = await device.sequence([{ program, bindings }]);
  return {
    plan,
    outputs: outputs as Record<Output, Tensor>,
    sequence,
    run: (uniforms) => sequence.run({ ...values, ...uniforms }),
    dispose() {
      sequence.dispose();
      for (const buffer of scratch) device.memory.free(buffer);
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
  bound.run();
  bound.dispose();
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

