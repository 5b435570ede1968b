// A product with a weight on a device, cut along the rows of the weight where one binding does not hold it.
import { type HostTensor, type Kernel, normalNumbers, type Plan } from '@tilewright/kernels';
import { selectRows } from '@tilewright/kernels/weights';
import { bindKernel, type BoundKernel, type Device, type Tensor } from '@tilewright/runtime';

export interface BoundProduct {
  /** Of its first part. */
  readonly plan: Plan;
  run(): void;
  /** The result `[m, n]`. */
  read(): Promise<Float32Array>;
  dispose(): void;
}

/** The weight in as many parts as bindings of `most` bytes take; weights without rows stay whole. */
export function uploadParts(device: Device, tensor: HostTensor, most: number): readonly Tensor[] {
  const { format, shape, bytes } = tensor;
  const count = format.rowless ? 1 : Math.ceil(bytes.byteLength / most);
  if (count <= 1) return [device.weight(tensor, format.name)];
  const height = Math.ceil(shape[0]! / count);
  const uploaded: Tensor[] = [];
  try {
    for (let row = 0; row < shape[0]!; row += height)
      uploaded.push(
        device.weight(selectRows(tensor, [[row, Math.min(shape[0]!, row + height)]]), format.name),
      );
  } catch (error) {
    for (const part of uploaded) part.dispose();
    throw error;
  }
  return uploaded;
}

/** Random activations `[m, k]`, the same for all products of a size. */
export const activations = (m: number, k: number): Float32Array => normalNumbers(m * k, 3);

/** Binds a product of `a` `[1, m, k]` with every part. */
export async function bindProduct(
  device: Device,
  kernel: Kernel,
  a: Tensor,
  parts: readonly Tensor[],
): Promise<BoundProduct> {
  const bound: BoundKernel[] = [];
  const dispose = (): void => {
    for (const each of bound) {
      each.dispose();
      for (const output of Object.values(each.outputs)) output.dispose();
    }
  };
  try {
    for (const b of parts) bound.push(await bindKernel(device, kernel, { inputs: { a, b } }));
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    plan: bound[0]!.plan,
    run() {
      for (const each of bound) each.run();
    },
    async read() {
      const results = [];
      for (const { outputs } of bound) results.push(outputs['y']!);
      const m = a.shape[1]!;
      const n = results.reduce((sum, { shape }) => sum + shape[2]!, 0);
      const y = new Float32Array(m * n);
      let first = 0;
      for (const result of results) {
        const [part, columns] = [(await result.read()) as Float32Array, result.shape[2]!];
        for (let row = 0; row < m; row++)
          y.set(part.subarray(row * columns, (row + 1) * columns), row * n + first);
        first += columns;
      }
      return y;
    },
    dispose,
  };
}
