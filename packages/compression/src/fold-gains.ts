import type { Graph } from '@tilewright/graph';
import { checkOptions, having } from '@tilewright/kernels';
import type { HostTensor, StateDict } from '@tilewright/kernels/weights';
import { denseDType, packF32, unpackDense } from '@tilewright/kernels/weights/dense';
import { gainSites } from './scale-sites.ts';

/**
 * The same model with the gains of its norms in the columns of the weights behind them, and ones in their place: what is
 * compressed then are the weights that meet plain normalised inputs, and a gain of ones costs nothing at run time. In
 * published names, so what it returns is a valid model for every reader. Sites whose weights are compressed, or whose
 * norm has a bias, stay as they are. Weights that change become f32: a product of two f16 numbers needs more bits.
 */
export function foldGains(graph: Graph, state: StateDict): StateDict {
  const folded = new Map(state);
  for (const { gain, weights } of gainSites(graph)) {
    const { name: vector, unit, make = (tensor: HostTensor) => tensor } = gain;
    const tensors = weights.map((name) => state.get(name)!);
    if (!tensors.every(({ format }) => denseDType(format) !== undefined)) continue;
    const stored = state.get(vector)!;
    const factors = unpackDense(make(stored));
    if (factors.every((factor) => factor === 1)) continue;
    weights.forEach((name, i) => folded.set(name, withScaledColumns(tensors[i]!, factors)));
    folded.set(vector, packF32(new Float32Array(factors.length).fill(unit), stored.shape));
  }
  return folded;
}

/** A dense weight with column `j` multiplied by `factors[j]`, in f32. Throws `bad-argument` unless there is a factor for each column. */
export function scaleColumns(tensor: HostTensor, factors: ArrayLike<number>): HostTensor {
  const columns = Object(tensor).shape?.at(-1);
  checkOptions(
    'scaleColumns',
    { tensor, factors },
    {
      tensor: having('a tensor of the host', 'format', 'shape', 'bytes'),
      factors: {
        what: `a list of ${columns} numbers`,
        accepts: (value) => Object(value).length === columns,
      },
    },
  );
  return withScaledColumns(tensor, factors);
}

function withScaledColumns(tensor: HostTensor, factors: ArrayLike<number>): HostTensor {
  const columns = factors.length;
  const scaled = unpackDense(tensor).map((value, i) => value * factors[i % columns]!);
  return packF32(scaled, tensor.shape);
}
