// Weights in compressed formats, packed by the plainest rounding there is: what they decode to is the truth of a test.
import type { HostTensor, StateDict, WeightFormat } from '@tilewright/kernels';
import { unpackDense } from '@tilewright/kernels/weights/dense';
import { roundedWeight } from '@tilewright/kernels/weights/registry';

/** The same weights with every matrix for which `choose` gives a format stored in it. */
export function packWeights(
  weights: StateDict,
  choose: (name: string) => WeightFormat | undefined,
): Map<string, HostTensor> {
  return new Map(
    [...weights].map(([name, tensor]) => {
      const format = tensor.shape.length === 2 ? choose(name) : undefined;
      return [name, format ? roundedWeight(format, unpackDense(tensor), tensor.shape) : tensor];
    }),
  );
}
