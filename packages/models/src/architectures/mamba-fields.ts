// What the configs of Mamba and Mamba-2 have in common.
import type { DecoderNames } from '../blocks/pre-norm-decoder.ts';
import type { Axis, StoredNames } from './architecture.ts';
import { type ConfigFields, refuseQuantized } from './config-fields.ts';
import { namesBehind } from './stored-names.ts';

/** Sizes and constants by their published names, with the defaults of Hugging Face filled in. */
export interface MambaFields {
  readonly hidden: Axis;
  readonly layers: number;
  readonly vocabulary: Axis;
  readonly stateSize: Axis;
  readonly taps: Axis;
  readonly epsilon: number;
  /** `expand × hidden_size`. */
  readonly inner: Axis;
  /** What asks for biases of the projections, and of the convolution. */
  readonly bias: string | undefined;
  readonly convolutionBias: string | undefined;
  readonly tied: boolean;
}

export const mambaNames: StoredNames = /* @__PURE__ */ namesBehind('backbone.');

/** How the parts of both are called. */
export const mambaParts: DecoderNames = {
  base: 'backbone',
  embedding: 'embeddings',
  mixerNorm: 'norm',
  mixer: () => 'mixer',
  norm: 'norm_f',
};

/** Fields of how a model was initialised, and of how another program computes the same. */
const passedOver = [
  'chunk_size',
  'fused_add_norm',
  'rescale_prenorm_residual',
  'residual_in_fp32',
  'time_step_floor',
  'time_step_init_scheme',
  'time_step_max',
  'time_step_min',
  'time_step_scale',
  'use_mambapy',
] as const;

/** Throws `bad-model` for a missing field, a wrong type or value, and sizes that contradict each other. */
export function parseMambaFields(
  fields: ConfigFields,
  defaults: { readonly state_size: number; readonly tie_word_embeddings: boolean },
): MambaFields {
  const size = (from: string, fallback?: number): Axis => ({ size: fields.size(from, fallback), from });
  refuseQuantized(fields);
  const hidden_act = fields.text('hidden_act', 'silu');
  if (hidden_act !== 'silu' && hidden_act !== 'swish')
    fields.refuse({ hidden_act }, "this architecture has 'silu'", 'use a model with the standard activation');
  const rms_norm = fields.boolean('rms_norm', true);
  if (!rms_norm)
    fields.refuse({ rms_norm }, 'this architecture has RMS norms', 'choose a model that has them');
  for (const name of passedOver) fields.get(name);
  const hidden = size('hidden_size');
  const layers = fields.layers('num_hidden_layers');
  const expand = fields.positive('expand', 2);
  const inner: Axis = { size: expand * hidden.size, from: 'expand × hidden_size' };
  if (!Number.isInteger(inner.size))
    fields.refuse({ hidden_size: hidden.size, expand }, 'their product must be a whole number');
  // Other spellings of the same, which files have beside these.
  for (const [name, value] of [
    ['d_model', hidden.size],
    ['n_layer', layers],
    ['d_inner', inner.size],
    ['intermediate_size', inner.size],
  ] as const)
    if (fields.size(name, value) !== value)
      fields.refuse({ [name]: fields.size(name) }, `other fields make it ${value}`);
  return {
    hidden,
    layers,
    inner,
    vocabulary: size('vocab_size'),
    stateSize: size('state_size', defaults.state_size),
    taps: size('conv_kernel', 4),
    epsilon: fields.positive('layer_norm_epsilon', 1e-5),
    bias: fields.boolean('use_bias', false) ? 'use_bias is true' : undefined,
    convolutionBias: fields.boolean('use_conv_bias', true) ? 'use_conv_bias is true' : undefined,
    tied: fields.boolean('tie_word_embeddings', defaults.tie_word_embeddings),
  };
}
