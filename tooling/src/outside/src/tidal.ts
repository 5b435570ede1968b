// An architecture: a decoder of blocks that are there, with a feed-forward network of its own.
import {
  type Architecture,
  type Axis,
  claimOf,
  configFields,
  defineArchitecture,
  type LanguageTasks,
  publishedNames,
  unreadWarnings,
} from '@tilewright/models';
import {
  attention,
  decoderBuilder,
  type FeedForward,
  linear,
  preNormDecoder,
  rotaryTable,
} from '@tilewright/models/blocks';
import { softSign } from './soft-sign.ts';

/** `down(soft-sign(up x))`. */
const softMlp =
  (hidden: Axis, inner: Axis): FeedForward =>
  (m, x, name) => {
    const raised = linear(m, x, `${name}.up`, { out: inner, in: hidden, bias: undefined });
    const soft = m.graph.node(softSign, { X: raised }, {}, `${name}.act`).Y!;
    return linear(m, soft, `${name}.down`, { out: hidden, in: inner, bias: undefined });
  };

export const tidal: Architecture<LanguageTasks> = /* @__PURE__ */ defineArchitecture(
  /* @__PURE__ */ claimOf('tidal', ['TidalForCausalLM']),
  {
    stored: { 'hugging-face': publishedNames },
    read(json, subject) {
      const fields = configFields(json, subject);
      const axis = (from: string): Axis => ({ size: fields.size(from), from });
      const [hidden, inner, vocabulary] = [axis('hidden_size'), axis('inner_size'), axis('vocab_size')];
      const [layers, heads] = [fields.size('num_layers'), fields.size('num_heads')];
      const context = axis('max_positions');
      return {
        context,
        warnings: unreadWarnings(fields),
        build(options) {
          const m = decoderBuilder(context, options);
          const headSize = hidden.size / heads;
          const rotary = rotaryTable(m, {
            head_dim: headSize,
            max_position_embeddings: context.size,
            rope_theta: 10_000,
            rope_scaling: null,
          });
          return preNormDecoder(m, {
            hidden,
            vocabulary,
            layers,
            epsilon: 1e-6,
            mixer: attention({
              hidden,
              heads,
              kvHeads: heads,
              headSize,
              bias: { qkv: undefined, output: undefined },
              rotary,
            }),
            feedForward: softMlp(hidden, inner),
            tied: true,
          });
        },
      };
    },
  },
);
