// A script of its own, fetched when the first compressed variant is chosen: running a model needs none of this.
import type { StateDict } from '@tilewright/kernels';
import { compose, type Recipe } from '@tilewright/compression';
import { denseCodec } from '@tilewright/kernels/weights/dense';
import { integerCodec, integerQuantizer } from '@tilewright/kernels/weights/integer';
import { nmCodec } from '@tilewright/kernels/weights/n-m';
import { compressModel, type CompressOptions, type LanguageGraph } from '@tilewright/models';
import { magnitude, sparseGpt, wanda } from '@tilewright/prune';
import { cast, gptq, rtn } from '@tilewright/quant';
import type { Device } from '@tilewright/runtime';
import type { VariantName } from './variants.ts';

const rounded = (bits: 3 | 4 | 8): Recipe => rtn(integerQuantizer({ bits }));
const compensated = (bits: 3 | 4): Recipe => gptq(integerQuantizer({ bits, scale: 'search' }));

const recipes: Readonly<Record<Exclude<VariantName, 'dense-f32'>, () => Recipe>> = {
  'dense-f16': () => cast('f16'),
  'int8-rtn': () => rounded(8),
  'int4-rtn': () => rounded(4),
  'int4-gptq': () => compensated(4),
  'int3-rtn': () => rounded(3),
  'int3-gptq': () => compensated(3),
  '2:4-magnitude': () => magnitude(),
  '2:4-wanda': () => wanda(),
  '2:4-sparsegpt': () => sparseGpt(),
  '2:4-sparsegpt+int4-gptq': () => compose(sparseGpt(), compensated(4)),
};

export interface VariantRequest {
  readonly device: Device;
  readonly graph: LanguageGraph;
  /** Dense weights, prepared for the graph. */
  readonly weights: StateDict;
  /** Makes the windows to calibrate on; called for recipes that need them. */
  readonly windows: () => Promise<readonly (readonly number[])[]>;
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** The weights of a variant, made from the dense ones. */
export async function compressTo(
  variant: Exclude<VariantName, 'dense-f32'>,
  { device, graph, weights, windows, onProgress, signal }: VariantRequest,
): Promise<StateDict> {
  const recipe = recipes[variant]();
  const options: CompressOptions = {
    codecs: [denseCodec, integerCodec, nmCodec],
    signal,
    onProgress: ({ done, total }) => onProgress(done, total),
    ...(recipe.needs === 'gram' && { windows: await windows() }),
  };
  return (await compressModel(device, graph, weights, recipe, options)).weights;
}
