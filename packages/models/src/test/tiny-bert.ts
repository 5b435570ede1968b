// An encoder of a few thousand weights in memory, as a folder would hold it.
import { memoryFiles, type ModelSource, openModelFolder, writeSafetensors } from '@tilewright/formats';
import type { HostTensor } from '@tilewright/kernels';
import { packDense } from '@tilewright/kernels/weights/dense';
import type { TinyChange } from './tiny-model.ts';

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
  let seed = 11;
  const next = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 31 - 1;
  };
  const state = new Map<string, HostTensor>();
  const add = (name: string, ...shape: number[]): void => {
    const count = shape.reduce((product, size) => product * size, 1);
    state.set(name, packDense(Float32Array.from({ length: count }, next), shape, 'f32'));
  };
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
  return state;
}

export function tinyBertSource({
  config = {},
  tensors = {},
  files = {},
}: TinyChange = {}): Promise<ModelSource> {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const state = tinyBertState();
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor) state.set(name, tensor);
    else state.delete(name);
  }
  return openModelFolder(
    memoryFiles(
      new Map([
        ['config.json', bytes(JSON.stringify({ ...tinyBertConfig, ...config }))],
        ['model.safetensors', writeSafetensors(state)],
        ...Object.entries(files).map(([name, text]) => [name, bytes(text)] as const),
      ]),
      'tiny BERT',
    ),
  );
}
