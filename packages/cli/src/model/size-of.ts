import { linearWeightsOf } from '@tilewright/compression';
import { bitsPerWeight } from '@tilewright/kernels/weights';
import type { StateDict } from '@tilewright/kernels';
import type { LanguageGraph } from '@tilewright/models';

/** What the weights of a model take. */
export interface Size {
  /** Of the weights of linear layers inside the blocks, with all that belongs to them. */
  readonly bitsPerWeight: number;
  /** Of all weights, embedding included. */
  readonly weightBytes: number;
}

export function sizeOf(model: LanguageGraph, weights: StateDict): Size {
  const layers = linearWeightsOf(model).map((name) => weights.get(name)!);
  const count = layers.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const bits = layers.reduce((sum, tensor, i) => sum + bitsPerWeight(tensor) * count[i]!, 0);
  return {
    bitsPerWeight: bits / count.reduce((sum, each) => sum + each, 0),
    weightBytes: [...weights.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
  };
}
