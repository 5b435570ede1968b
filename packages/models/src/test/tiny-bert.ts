// An encoder of a few thousand weights in memory, as a folder would hold it.
import type { ModelSource } from '@tilewright/formats';
import type { HostTensor } from '@tilewright/kernels';
import { type TinyChange, tinyFolder, tinyWeights } from './tiny-folder.ts';

export const tinyBertConfig = {
  architectures: ['BertModel'],
  model_type: 'bert',
  vocab_size: 31,
  hidden_size: 20,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 28,
  hidden_act: 'gelu',
  max_position_embeddings: 24,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
} as const;

/** The tensors that {@link tinyBertConfig} asks for, of numbers that repeat from run to run. */
export function tinyBertState(): Map<string, HostTensor> {
  return tinyWeights(11, (add) => {
    const dense = (name: string, out: number, width: number): void => {
      add(`${name}.weight`, out, width);
      add(`${name}.bias`, out);
    };
    const norm = (name: string): void => {
      add(`${name}.weight`, 20);
      add(`${name}.bias`, 20);
    };
    add('embeddings.word_embeddings.weight', 31, 20);
    add('embeddings.position_embeddings.weight', 24, 20);
    add('embeddings.token_type_embeddings.weight', 2, 20);
    norm('embeddings.LayerNorm');
    for (const layer of [0, 1]) {
      const name = `encoder.layer.${layer}`;
      for (const part of ['query', 'key', 'value']) dense(`${name}.attention.self.${part}`, 20, 20);
      dense(`${name}.attention.output.dense`, 20, 20);
      norm(`${name}.attention.output.LayerNorm`);
      dense(`${name}.intermediate.dense`, 28, 20);
      dense(`${name}.output.dense`, 20, 28);
      norm(`${name}.output.LayerNorm`);
    }
    dense('pooler.dense', 20, 20);
  });
}

export const tinyBertSource = (change: TinyChange = {}): Promise<ModelSource> =>
  tinyFolder('tiny BERT', tinyBertConfig, tinyBertState(), change);
