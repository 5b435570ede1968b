import type { Json } from '@tilewright/formats';
import type { ConfigFields } from './config-fields.ts';

/**
 * How rotary frequencies are stretched for contexts longer than those of the first training; names as
 * published.
 */
export type RopeScaling =
  | { readonly rope_type: 'linear'; readonly factor: number }
  | { readonly rope_type: 'dynamic'; readonly factor: number }
  | {
      readonly rope_type: 'llama3';
      readonly factor: number;
      readonly low_freq_factor: number;
      readonly high_freq_factor: number;
      readonly original_max_position_embeddings: number;
    }
  | {
      readonly rope_type: 'yarn';
      readonly factor: number;
      readonly original_max_position_embeddings: number;
      readonly beta_fast: number;
      readonly beta_slow: number;
      /** False leaves the range between the two betas unrounded; default true. */
      readonly truncate: boolean;
      /** Scale of cosines and sines; null for the formula of the paper, or that of the two fields below. */
      readonly attention_factor: number | null;
      readonly mscale: number;
      readonly mscale_all_dim: number;
    };

export interface Rope {
  readonly rope_theta: number;
  /** Null for plain rotary embeddings. */
  readonly rope_scaling: RopeScaling | null;
}

/** Takes the part of a head that turns, of the config and of its `rope_parameters`; undefined where one says nothing. */
export type PartialRotary = (fields: ConfigFields, factor: Json | undefined) => void;

const wholeHeads: PartialRotary = (fields, partial_rotary_factor = 1) => {
  if (partial_rotary_factor !== 1)
    fields.refuse(
      { partial_rotary_factor },
      'all of a head is rotated in the supported models',
      'choose a model without it',
    );
};

/**
 * Reads both spellings: `rope_theta` beside `rope_scaling: { type | rope_type, ... }`, and the newer
 * `rope_parameters: { rope_type, rope_theta, ... }`. Every field of either object changes numbers, so one that is not
 * known is refused, as are an unknown type and contradictions: `bad-model`.
 */
export function parseRope(
  fields: ConfigFields,
  maxPositions: number,
  partialRotary: PartialRotary = wholeHeads,
): Rope {
  const parameters = fields.object('rope_parameters');
  const older = fields.object('rope_scaling');
  if (parameters && older) {
    fields.refuse(
      {
        rope_parameters: fields.get('rope_parameters'),
        rope_scaling: fields.get('rope_scaling'),
      },
      spellings,
      'remove the older one, rope_scaling',
    );
  }
  const outer = fields.positive('rope_theta', 10_000);
  const rope_theta = parameters?.positive('rope_theta', outer) ?? outer;
  if (fields.get('rope_theta') !== undefined && outer !== rope_theta) {
    fields.refuse(
      { rope_theta: outer, 'rope_parameters.rope_theta': rope_theta },
      spellings,
      'remove the one that is wrong',
    );
  }
  for (const said of [fields, parameters]) partialRotary(fields, said?.get('partial_rotary_factor'));
  const scaling = parameters ?? older;
  const rope_scaling = scaling === null ? null : parseScaling(scaling, maxPositions);
  scaling?.refuseUnread();
  return { rope_theta, rope_scaling };
}

function parseScaling(fields: ConfigFields, maxPositions: number): RopeScaling | null {
  const older = fields.text('type', 'default');
  const type = fields.text('rope_type', older);
  if (fields.get('type') !== undefined && older !== type) {
    fields.refuse({ rope_type: type, type: older }, spellings, 'remove the one that is wrong');
  }
  const kind = kinds[type];
  if (Object.hasOwn(kinds, type) && kind) {
    const scaling = kind(fields, maxPositions);
    if (scaling !== null) warnOfShrinking(fields, scaling, maxPositions);
    return scaling;
  }
  return fields.refuse(
    { rope_type: type },
    `the types known are ${Object.keys(kinds).join(', ')}`,
    'choose a model with one of these',
  );
}

/** Stretching that makes a context shorter is computed as it stands, and most likely a slip. */
function warnOfShrinking(fields: ConfigFields, scaling: RopeScaling, maxPositions: number): void {
  if (scaling.factor < 1)
    fields.warn(`factor is ${scaling.factor}, which stretches nothing: below 1 it shrinks`);
  if (!('original_max_position_embeddings' in scaling)) return;
  const { original_max_position_embeddings: original } = scaling;
  if (original > maxPositions)
    fields.warn(
      `original_max_position_embeddings is ${original}, beyond max_position_embeddings, which is ${maxPositions}`,
    );
}

const spellings = 'they are two spellings of the same';

type ReadScaling = (fields: ConfigFields, maxPositions: number) => RopeScaling | null;

const kinds: Readonly<Record<string, ReadScaling>> = {
  default: () => null,
  linear: (fields) => ({
    rope_type: 'linear',
    factor: fields.positive('factor'),
  }),
  dynamic(fields, maxPositions) {
    const original = fields.size('original_max_position_embeddings', maxPositions);
    if (original === maxPositions) return { rope_type: 'dynamic', factor: fields.positive('factor') };
    return fields.refuse(
      { rope_type: 'dynamic', original_max_position_embeddings: original },
      `it grows beyond max_position_embeddings, ${maxPositions}, and nothing else`,
      'remove original_max_position_embeddings',
    );
  },
  llama3(fields) {
    const low_freq_factor = fields.positive('low_freq_factor');
    const high_freq_factor = fields.positive('high_freq_factor');
    if (low_freq_factor >= high_freq_factor)
      fields.refuse({ low_freq_factor, high_freq_factor }, 'the low one must be below the high one');
    return {
      rope_type: 'llama3',
      factor: fields.positive('factor'),
      low_freq_factor,
      high_freq_factor,
      original_max_position_embeddings: fields.size('original_max_position_embeddings'),
    };
  },
  yarn: (fields, maxPositions) => ({
    rope_type: 'yarn',
    factor: fields.positive('factor'),
    original_max_position_embeddings: fields.size('original_max_position_embeddings', maxPositions),
    beta_fast: fields.positive('beta_fast', 32),
    beta_slow: fields.positive('beta_slow', 1),
    truncate: fields.boolean('truncate', true),
    attention_factor:
      fields.get('attention_factor') === undefined ? null : fields.positive('attention_factor'),
    mscale: scaleOf(fields, 'mscale'),
    mscale_all_dim: scaleOf(fields, 'mscale_all_dim'),
  }),
};

/** 0 is as good as absent. */
const scaleOf = (fields: ConfigFields, name: string): number =>
  (fields.get(name) ?? 0) === 0 ? 0 : fields.positive(name);
