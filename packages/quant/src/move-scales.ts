import { type RecipePart, scaleColumns, type ScaleSite, type WeightChange } from '@tilewright/compression';
import { type HostTensor, unpack, type WeightCodec } from '@tilewright/kernels/weights';
import { packF32 } from '@tilewright/kernels/weights/dense';

/** The same model with column `j` of a site's weights times `scales[j]`, and its vectors divided by them; all in f32. */
export function moveScales(
  { state, codecs }: RecipePart,
  { vectors, weights }: ScaleSite,
  scales: Float64Array,
): WeightChange[] {
  return [
    ...vectors.map((name): WeightChange => [name, divided(state.get(name)!, scales, codecs)]),
    ...weights.map((name): WeightChange => [name, scaleColumns(state.get(name)!, scales)]),
  ];
}

const divided = (tensor: HostTensor, scales: Float64Array, codecs: readonly WeightCodec[]): HostTensor =>
  packF32(
    unpack(tensor, codecs).map((value, i) => value / scales[i]!),
    tensor.shape,
  );
