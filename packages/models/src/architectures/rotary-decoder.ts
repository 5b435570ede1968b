// The graph of a decoder whose config is a `DecoderConfig`, but for what tells one architecture from another.
import { attention, type AttentionShape } from '../blocks/attention.ts';
import { decoderBuilder } from '../blocks/decoder-builder.ts';
import { gatedMlp } from '../blocks/gated-mlp.ts';
import type { HeadNorm } from '../blocks/head-norm.ts';
import { preNormDecoder } from '../blocks/pre-norm-decoder.ts';
import { rotaryTable } from '../blocks/rotary-table.ts';
import type { LanguageTasks } from '../tasks/language-tasks.ts';
import type { Axis, BuildOptions, BuiltModel } from './architecture.ts';
import type { DecoderConfig } from './decoder-config.ts';
import type { LayerWindows } from './sliding-window.ts';

/** What tells one from another. */
export interface DecoderParts {
  /** What asks for the biases of which projections. */
  readonly bias?: {
    readonly qkv?: string | undefined;
    readonly output?: string | undefined;
    readonly mlp?: string | undefined;
  };
  /** Of queries and keys. */
  readonly headNorm?: HeadNorm;
  readonly windows?: LayerWindows;
  readonly scores?: AttentionShape['scores'];
  /** False for queries and keys that do not turn. */
  readonly rotary?: false;
}

/** Builds the graph. Throws `bad-argument` for room that the model was not made for. */
export function rotaryDecoder(
  config: DecoderConfig,
  context: Axis,
  { bias: { qkv, output, mlp } = {}, headNorm, windows, scores, rotary }: DecoderParts,
  options: BuildOptions,
): BuiltModel<LanguageTasks> {
  const axis = (from: 'hidden_size' | 'intermediate_size' | 'vocab_size'): Axis => ({
    size: config[from],
    from,
  });
  const m = decoderBuilder(context, options);
  const hidden = axis('hidden_size');
  return preNormDecoder(m, {
    hidden,
    vocabulary: axis('vocab_size'),
    layers: config.num_hidden_layers,
    epsilon: config.rms_norm_eps,
    mixer: attention({
      hidden,
      heads: config.num_attention_heads,
      kvHeads: config.num_key_value_heads,
      headSize: config.head_dim,
      bias: { qkv, output },
      headNorm,
      rotary: rotary === false ? undefined : rotaryTable(m, config),
      ...(windows && { window: windows }),
      ...(scores && { scores }),
    }),
    feedForward: gatedMlp({ hidden, inner: axis('intermediate_size'), bias: mlp }),
    tied: config.tie_word_embeddings,
  });
}
