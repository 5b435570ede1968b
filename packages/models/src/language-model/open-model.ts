import { type ModelFolder, readState } from '@tilewright/formats';
import type { HostTensor, StateDict } from '@tilewright/kernels';
import { packDense, unpack } from '@tilewright/kernels/layouts';
import type { LlamaOptions } from '../llama/llama.ts';
import { type ModelGraph, modelGraph, prepareModel } from './language-model.ts';

export interface OpenModelOptions extends LlamaOptions {
  /** Hears the bytes read so far and in all. */
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
}

/** A model that was read and prepared, and is not on any device yet. */
export interface OpenedModel {
  readonly model: ModelGraph;
  /** What `loadLanguageModel` and `compressModel` take, by the graph's names. */
  readonly weights: StateDict;
}

/**
 * Reads the weights of a folder and prepares them for the graph of its model. Stored compressed weights stay as they
 * are; dense ones that no kernel reads (bf16, f64) become f32.
 *
 * Throws `bad-model` where the weights do not fit the config, `bad-file` for damaged files.
 */
export async function openModel(
  folder: Pick<ModelFolder, 'config' | 'weights'>,
  options: OpenModelOptions = {},
): Promise<OpenedModel> {
  const { onProgress, ...llamaOptions } = options;
  const model = modelGraph(folder.config, llamaOptions);
  const stored = await readState(folder.weights, onProgress);
  const readable = new Map([...stored].map(([name, tensor]) => [name, asReadable(tensor)]));
  return { model, weights: prepareModel(model, readable) };
}

function asReadable(tensor: HostTensor): HostTensor {
  const { layout } = tensor;
  if (layout.kind !== 'dense' || layout.dtype === 'f32' || layout.dtype === 'f16') return tensor;
  return packDense(unpack(tensor), tensor.shape, 'f32');
}
