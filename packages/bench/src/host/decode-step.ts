// The step that is measured: one token of a language model of many small layers. What its weights hold does not matter.
import type { CompiledGraph } from '@tilewright/graph';
import type { HostTensor } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import { llama, loadLanguageModel, sequenceFrom } from '@tilewright/models';
import type { Device } from '@tilewright/runtime';

export interface DecodeStep {
  readonly compiled: CompiledGraph;
  /** Encodes and submits the step at a position of the cache. */
  run(position: number): void;
  dispose(): void;
}

/** Positions the cache has room for. */
export const capacity = 512;

const config = {
  architectures: llama.names,
  model_type: llama.id,
  hidden_size: 64,
  intermediate_size: 128,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 96,
  max_position_embeddings: capacity,
  rms_norm_eps: 1e-5,
  hidden_act: 'silu',
  tie_word_embeddings: true,
};

export async function openDecodeStep(device: Device, layers: number): Promise<DecodeStep> {
  const built = llama
    .read(new Map(Object.entries({ ...config, num_hidden_layers: layers })), 'bench')
    .build({ capacity, maxTokens: 1 });
  const weights = new Map<string, HostTensor>();
  for (const [name, { axes }] of built.weights) {
    const shape = axes.map(({ size }) => size);
    const count = shape.reduce((product, size) => product * size, 1);
    // Gains of ones, as trained models have them once they are folded.
    const value = shape.length === 1 ? 1 : 0;
    weights.set(name, packDense(new Float32Array(count).fill(value), shape, 'f32'));
  }
  const loaded = await loadLanguageModel(device, { model: built, weights }, { buckets: [] });
  const ids = Uint32Array.of(1);
  return {
    compiled: loaded.decode.compiled,
    run(position) {
      loaded.decode.run(
        { tokens: 1, keys: position + 1, temperature: 0, top_k: 0, top_p: 1, seed: 0, counter: position },
        { ids, sequences: sequenceFrom(position, 1) },
      );
    },
    dispose: () => loaded.dispose(),
  };
}
