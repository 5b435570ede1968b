import type { HostTensor, Kernel, Plan } from '@tilewright/kernels';
import { bindKernel, bytesPerElement, type Device, elementCount, type Tensor } from '@tilewright/runtime';
import type { HostArray, OurWay } from './matched-case.ts';

/** One of our kernels with its weights on the GPU and everything it needs made: running it allocates no buffer. */
export interface ResidentKernel {
  readonly plan: Plan;
  /** Host input in, host output out. */
  run(): Promise<Float32Array>;
  dispose(): void;
}

export async function makeResident(
  device: Device,
  kernel: Kernel,
  way: OurWay,
  plan: Plan,
): Promise<ResidentKernel> {
  const held: { dispose(): void }[] = [];
  const keep = <T extends { dispose(): void }>(each: T): T => {
    held.push(each);
    return each;
  };
  const dispose = (): void => {
    for (const each of held) each.dispose();
  };
  try {
    const inputs: Record<string, Tensor> = {};
    for (const [name, { shape, data }] of Object.entries(way.inputs))
      inputs[name] = keep(device.tensor(shape, data));
    for (const [name, weight] of Object.entries(way.weights))
      inputs[name] = keep(
        isHostTensor(weight) ? device.weight(weight, name) : device.tensor(weight.shape, weight.data),
      );
    const bound = keep(await bindKernel(device, kernel, { ...problemOf(way), inputs, plan }));
    for (const output of Object.values(bound.outputs)) keep(output);
    const y = bound.outputs[way.output]!;
    const readback = keep(
      device.memory.readback(elementCount(y.shape) * bytesPerElement(y.dtype), `${kernel.name} result`),
    );
    const fed = Object.entries(way.inputs).map(([name, { data }]) => ({ tensor: inputs[name]!, data }));
    return {
      plan: bound.plan,
      async run() {
        for (const { tensor, data } of fed) device.memory.upload(tensor, data);
        bound.run();
        const bytes = await readback.read(y);
        return new Float32Array(bytes.buffer as ArrayBuffer, 0, bytes.byteLength / 4);
      },
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

const isHostTensor = (weight: HostArray | HostTensor): weight is HostTensor => 'format' in weight;

/** What a way asks for beside its tensors. */
export const problemOf = ({
  axes,
  scalars,
  options,
}: OurWay): Pick<OurWay, 'axes' | 'scalars' | 'options'> => ({
  ...(axes && { axes }),
  ...(scalars && { scalars }),
  ...(options && { options }),
});
