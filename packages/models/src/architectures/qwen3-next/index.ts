// Qwen3-Next (Qwen team 2025), as in Hugging Face's modeling_qwen3_next.py: layers of the gated delta rule, and after each few of
// them one of softmax attention with gates, of whose heads a part turns; norms around one. Its experts are not built: a config of
// dense layers is read.
import type { Json } from '@tilewright/formats';
import { attention } from '../../blocks/attention.ts';
import { centredHeadNorm, centredRmsNorm } from '../../blocks/centred-norm.ts';
import { decoderBuilder } from '../../blocks/decoder-builder.ts';
import { gatedMlp } from '../../blocks/gated-mlp.ts';
import { gatedQueries } from '../../blocks/gated-queries.ts';
import { mergedDelta } from '../../blocks/merged-delta.ts';
import { llamaNames, preNormDecoder } from '../../blocks/pre-norm-decoder.ts';
import { rotaryTable } from '../../blocks/rotary-table.ts';
import type { LanguageTasks } from '../../tasks/language-tasks.ts';
import { type Architecture, type Axis, defineArchitecture } from '../architecture.ts';
import { type ConfigFields, configFields, unreadWarnings } from '../config-fields.ts';
import { contextOf, parseDecoderConfig } from '../decoder-config.ts';
import type { PartialRotary } from '../rope-fields.ts';
import { publishedNames } from '../stored-names.ts';
import { qwen3NextClaim } from './claim.ts';

/** Fields of experts, which no layer has here. */
const ofExperts = [
  'moe_intermediate_size',
  'norm_topk_prob',
  'num_experts_per_tok',
  'output_router_logits',
  'router_aux_loss_coef',
  'shared_expert_intermediate_size',
] as const;

export const qwen3Next: Architecture<LanguageTasks> = /* @__PURE__ */ defineArchitecture(qwen3NextClaim, {
  stored: { 'hugging-face': publishedNames },
  read(json, subject, parts) {
    const fields = configFields(json, subject);
    let part = 0.25;
    const partialRotary: PartialRotary = (_, partial_rotary_factor = part) => {
      const isPart = typeof partial_rotary_factor === 'number';
      if (!isPart || !(partial_rotary_factor > 0 && partial_rotary_factor <= 1))
        return fields.refuse({ partial_rotary_factor }, 'it must be a number above 0 and at most 1');
      part = partial_rotary_factor;
    };
    const config = parseDecoderConfig(
      fields,
      {
        max_position_embeddings: 32_768,
        rms_norm_eps: 1e-6,
        head_dim: 256,
        partialRotary,
      },
      parts,
    );
    const size = (from: string, fallback: number): Axis => ({ size: fields.size(from, fallback), from });
    const isAttention = layerTypes(fields, config.num_hidden_layers);
    refuseExperts(fields, config.num_hidden_layers);
    const bias = fields.boolean('attention_bias', false) ? 'attention_bias is true' : undefined;
    const [keyHeads, valueHeads] = [size('linear_num_key_heads', 16), size('linear_num_value_heads', 32)];
    if (valueHeads.size % keyHeads.size !== 0)
      fields.refuse(
        { linear_num_value_heads: valueHeads.size, linear_num_key_heads: keyHeads.size },
        'the first must be a multiple of the second',
      );
    const delta = {
      keyHeads,
      valueHeads,
      keySize: size('linear_key_head_dim', 128),
      valueSize: size('linear_value_head_dim', 128),
      taps: size('linear_conv_kernel_dim', 4),
    };
    const turning = config.head_dim * part;
    if (turning % 2 !== 0)
      fields.refuse(
        { head_dim: config.head_dim, partial_rotary_factor: part },
        'pairs of channels turn, so their product must be even',
      );
    const context = contextOf(config);
    const epsilon = config.rms_norm_eps;
    const hidden: Axis = { size: config.hidden_size, from: 'hidden_size' };
    return {
      context,
      warnings: unreadWarnings(fields),
      build(options) {
        const m = decoderBuilder(context, options);
        const attended = attention({
          hidden,
          heads: config.num_attention_heads,
          kvHeads: config.num_key_value_heads,
          headSize: config.head_dim,
          bias: { qkv: bias, output: bias },
          headNorm: centredHeadNorm(epsilon),
          rotary: rotaryTable(m, { ...config, head_dim: turning }),
          queries: gatedQueries,
        });
        const recurrent = mergedDelta({ ...delta, hidden, epsilon });
        return preNormDecoder(m, {
          hidden,
          vocabulary: { size: config.vocab_size, from: 'vocab_size' },
          layers: config.num_hidden_layers,
          epsilon,
          norm: centredRmsNorm,
          names: { ...llamaNames, mixer: (layer) => (isAttention(layer) ? 'self_attn' : 'linear_attn') },
          mixer: (builder, x, name, layer) =>
            (isAttention(layer) ? attended : recurrent)(builder, x, name, layer),
          feedForward: gatedMlp({
            hidden,
            inner: { size: config.intermediate_size, from: 'intermediate_size' },
            bias: undefined,
          }),
          tied: config.tie_word_embeddings,
        });
      },
    };
  },
});

/** Which layers are attention: those that `layer_types` says, or each `full_attention_interval`th. */
function layerTypes(fields: ConfigFields, layers: number): (layer: number) => boolean {
  const interval = fields.size('full_attention_interval', 4);
  const types = fields.get('layer_types');
  if (types === undefined) return (layer) => (layer + 1) % interval === 0;
  const kinds: readonly Json[] = Array.isArray(types) ? types : [types];
  for (const [index, kind] of kinds.entries())
    if (kind !== 'full_attention' && kind !== 'linear_attention')
      fields.refuse(
        { [`layer_types[${index}]`]: kind },
        'full_attention and linear_attention are known',
        'choose a model with these layers',
      );
  if (kinds.length !== layers)
    fields.refuse({ num_hidden_layers: layers, layer_types: types }, 'each layer has one');
  return (layer) => kinds[layer] === 'full_attention';
}

/** Throws `bad-model` for a layer of experts. */
function refuseExperts(fields: ConfigFields, layers: number): void {
  const mlp_only_layers = fields.get('mlp_only_layers');
  const step = fields.size('decoder_sparse_step', 1);
  for (const name of ofExperts) fields.get(name);
  const num_experts = fields.get('num_experts') ?? 512;
  if (!Number.isSafeInteger(num_experts) || Number(num_experts) < 0)
    fields.refuse({ num_experts }, 'it must be a whole number from 0');
  const named = mlp_only_layers ?? [];
  if (!Array.isArray(named) || !named.every((layer) => Number.isSafeInteger(layer)))
    fields.refuse({ mlp_only_layers }, 'it must be a list of layers');
  const dense = (layer: number): boolean =>
    (Array.isArray(mlp_only_layers) && mlp_only_layers.includes(layer)) || (layer + 1) % step !== 0;
  if (num_experts === 0 || Array.from({ length: layers }, (_, layer) => layer).every(dense)) return;
  fields.refuse(
    { num_experts, mlp_only_layers },
    'layers of experts are not built, so all layers must be among the second, or the first be 0',
    'choose a model of dense layers',
  );
}
