// Gated DeltaNet (Yang et al. 2024, arXiv 2412.06464), as in flash-linear-attention's modeling_gated_deltanet.py: the gated delta
// rule with short convolutions of queries, keys and values, and gated MLPs.
import { joinProducts } from '@tilewright/graph/join-products';
import { deltaNet } from '../../blocks/delta-net.ts';
import { gatedMlp } from '../../blocks/gated-mlp.ts';
import { type DecoderNames, llamaNames, preNormDecoder } from '../../blocks/pre-norm-decoder.ts';
import { recurrentDecoder, unlimited } from '../../blocks/recurrent-decoder.ts';
import type { LanguageTasks } from '../../tasks/language-tasks.ts';
import { type Architecture, type Axis, defineArchitecture } from '../architecture.ts';
import { type ConfigFields, configFields, refuseQuantized, unreadWarnings } from '../config-fields.ts';
import { publishedNames } from '../stored-names.ts';
import { gatedDeltaNetClaim } from './claim.ts';

const parts: DecoderNames = {
  ...llamaNames,
  embedding: 'embeddings',
  mixerNorm: 'attn_norm',
  mixer: () => 'attn',
  feedForwardNorm: 'mlp_norm',
};

/** Fields of how another program computes the same. */
const passedOver = [
  'attn_mode',
  'fuse_cross_entropy',
  'fuse_linear_cross_entropy',
  'fuse_norm',
  'fuse_swiglu',
  'use_l2warp',
  // The recurrence has no positions.
  'max_position_embeddings',
] as const;

export const gatedDeltaNet: Architecture<LanguageTasks> = /* @__PURE__ */ defineArchitecture(
  gatedDeltaNetClaim,
  {
    stored: { 'hugging-face': publishedNames },
    read(json, subject) {
      const fields = configFields(json, subject);
      const size = (from: string, fallback?: number): Axis => ({ size: fields.size(from, fallback), from });
      refuseQuantized(fields);
      const hidden_act = fields.text('hidden_act', 'swish');
      if (hidden_act !== 'silu' && hidden_act !== 'swish')
        fields.refuse(
          { hidden_act },
          "this architecture has 'swish'",
          'use a model with the standard activation',
        );
      const attn = fields.get('attn');
      if (attn !== undefined)
        fields.refuse(
          { attn },
          'layers of softmax attention among these are not built',
          'choose a model without them',
        );
      const use_short_conv = fields.boolean('use_short_conv', true);
      if (!use_short_conv)
        fields.refuse(
          { use_short_conv },
          'queries, keys and values are convolved',
          'choose a model with convolutions',
        );
      for (const name of passedOver) fields.get(name);
      const hidden = size('hidden_size', 2048);
      const headSize = fields.size('head_dim', 256);
      const heads = size('num_heads', 6);
      const valueHeads = fields.get('num_v_heads') === undefined ? heads : size('num_v_heads');
      if (valueHeads.size % heads.size !== 0)
        fields.refuse(
          { num_v_heads: valueHeads.size, num_heads: heads.size },
          'the first must be a multiple of the second',
        );
      const expand_v = fields.positive('expand_v', 2);
      const valueSize = expand_v * headSize;
      if (!Number.isInteger(valueSize))
        fields.refuse({ expand_v, head_dim: headSize }, 'their product must be a whole number');
      const epsilon = fields.positive('norm_eps', 1e-6);
      const shape = {
        hidden,
        keyHeads: heads,
        valueHeads,
        keySize: headSize,
        valueSize,
        epsilon,
        taps: size('conv_size', 4),
        gate: fields.boolean('use_gate', true) ? 'use_gate is true' : undefined,
        strongest: fields.boolean('allow_neg_eigval', false) ? 2 : 1,
      };
      const inner = innerSize(fields, hidden.size);
      const vocabulary = size('vocab_size', 32_000);
      const layers = fields.layers('num_hidden_layers', 21);
      const tied = fields.boolean('tie_word_embeddings', false);
      return {
        context: unlimited,
        warnings: unreadWarnings(fields),
        build: (options) => ({
          ...preNormDecoder(recurrentDecoder(options), {
            hidden,
            vocabulary,
            layers,
            epsilon,
            tied,
            names: parts,
            mixer: deltaNet(shape),
            feedForward: gatedMlp({ hidden, inner, bias: undefined }),
          }),
          rules: [joinProducts],
        }),
      };
    },
  },
);

/** `intermediate_size`, or two thirds of `hidden_ratio` times the hidden size, in steps of 256. */
function innerSize(fields: ConfigFields, hidden: number): Axis {
  const ratio = fields.positive('hidden_ratio', 4);
  if (fields.get('intermediate_size') !== undefined)
    return { size: fields.size('intermediate_size'), from: 'intermediate_size' };
  const size = 256 * Math.ceil(Math.floor((hidden * ratio * 2) / 3) / 256);
  return { size, from: '2/3 × hidden_ratio × hidden_size, in steps of 256' };
}
