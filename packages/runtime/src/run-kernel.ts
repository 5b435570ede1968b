import {
  checkPlans,
  evaluate,
  isBound,
  type Kernel,
  type Plan,
  shapeOf,
  type Sizes,
  storageOf,
  TilewrightError,
} from '@tilewright/kernels';
import { checkDeviceAndKernel, checkUniformNames } from './check-call.ts';
import { checkPlan } from './check-plan.ts';
import { assertNoAliasing, checkAxis, checkTensor, checkView, missingTensor } from './check-tensors.ts';
import type { Device } from './device.ts';
import { tensorsAndProblem } from './kernel-problem.ts';
import type { RunOptions } from './run-options.ts';
import type { BufferSlice } from './memory.ts';
import type { Sequence } from './sequence.ts';
import type { Tensor } from './tensor.ts';

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
  checkDeviceAndKernel('bindKernel', device, kernel);
  const { problem, given } = tensorsAndProblem(kernel, options);
  const { axes } = problem;
  if (options.plan) checkPlan(kernel, problem, options.plan, device.capabilities);
  const plan = options.plan ?? checkPlans(kernel, problem, device.capabilities)[0]!;
  const program = kernel.program(problem, plan);
  const names = [...new Set([...Object.keys(axes), ...program.uniforms.map(({ name }) => name)])];
  checkUniformNames(kernel.name, options.uniforms, names);

  const bindings: Record<string, BufferSlice> = {};
  const bound: Record<string, Tensor> = {};
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
      checkView(kernel, problem, name, tensor, values);
      bindings[name] = tensor;
      bound[name] = tensor;
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
      checkUniformNames(kernel.name, uniforms, names);
      const all: Sizes = { ...values, ...uniforms };
      for (const [axis, most] of Object.entries(axes)) checkAxis(kernel.name, axis, all[axis]!, most);
      for (const name in problem.views) checkView(kernel, problem, name, bound[name]!, all);
      sequence.run(Object.fromEntries(sequence.names.map((name) => [name, all[name]!])));
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

function makeOutput(
  device: Device,
  kernel: Kernel,
  name: string,
  problem: ReturnType<Kernel['problem']>,
  axes: Sizes,
): Tensor | undefined {
  const contract = kernel.outputs[name];
  if (!contract || !isBound(contract, problem)) return undefined;
  if (problem.views[name])
    throw new TilewrightError('bad-argument', {
      subject: kernel.name,
      problem: `'${name}' is a view of a tensor that is not there`,
      requirement: 'rows that lie apart are part of a tensor of yours',
      fix: `give outputs.${name}`,
    });
  const shape = shapeOf(contract, problem.options).map((axis) => axes[axis]!);
  return device.tensor(shape, undefined, storageOf(contract, problem.dtypes[name]));
}
