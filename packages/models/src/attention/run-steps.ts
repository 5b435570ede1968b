// How a recipe runs: kernel after kernel, and nothing is left over but its results.
import type { Kernel } from '@tilewright/kernels';
import { type Device, runKernel, type RunOptions, type Tensor } from '@tilewright/runtime';

/** `runKernel` on the recipe's device. */
export type RunStep = <Input extends string, Output extends string>(
  kernel: Kernel<Input, Output>,
  options: RunOptions<Input, Output>,
) => Promise<Readonly<Record<Output, Tensor>>>;

/** `tensor` of the recipe's device: f32 where there is no data, u32 where the data are. */
export type MakeTensor = (
  shape: readonly number[],
  data?: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
) => Tensor;

/** The same numbers, read in another shape. */
export const reshaped = (tensor: Tensor, shape: readonly number[]): Tensor => ({ ...tensor, shape });

/** Runs the steps of a recipe, and frees what they made but for the results; all of it where a step fails. */
export async function runSteps<Result extends Readonly<Record<string, Tensor>>>(
  device: Device,
  steps: (run: RunStep, tensor: MakeTensor) => Promise<Result>,
): Promise<Result> {
  const intermediates = new Set<Tensor>();
  const run: RunStep = async (kernel, options) => {
    const outputs = await runKernel(device, kernel, options);
    for (const tensor of Object.values<Tensor>(outputs)) intermediates.add(tensor);
    return outputs;
  };
  const tensor: MakeTensor = (shape, data) => {
    const uploaded = device.tensor([...shape], data, data instanceof Uint32Array ? 'u32' : 'f32');
    intermediates.add(uploaded);
    return uploaded;
  };
  const kept = new Set<GPUBuffer>();
  try {
    const results = await steps(run, tensor);
    for (const { buffer } of Object.values(results)) kept.add(buffer);
    return results;
  } finally {
    for (const each of intermediates) if (!kept.has(each.buffer)) each.dispose();
  }
}
