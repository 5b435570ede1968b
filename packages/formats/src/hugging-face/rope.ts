import { shown } from '../bad-file.ts';
import { badModel, type ConfigFields } from './config-fields.ts';

/**
 * How rotary frequencies are stretched for contexts longer than those of the first training; names as
 * published.
 */
export type RopeScaling =
  | { readonly rope_type: 'linear'; readonly factor: number }
  | {
      readonly rope_type: 'dynamic';
      readonly factor: number;
      readonly original_max_position_embeddings: number;
    }
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
      /** Scale of the attention scores; null for the paper's formula. */
      readonly attention_factor: number | null;
    };

export interface Rope {
  readonly rope_theta: number;
  /** Null for plain rotary embeddings. */
  readonly rope_scaling: RopeScaling | null;
}

/**
 * Reads both spellings: `rope_theta` beside `rope_scaling: { type | rope_type, ... }`, and the newer
 * `rope_parameters: { rope_type, rope_theta, ... }`. Throws `bad-model` for an unknown type and for
 * contradictions.
 */
export function parseRope(fields: ConfigFields, subject: string, maxPositions: number): Rope {
  const parameters = fields.object('rope_parameters');
  const scaling = parameters ?? fields.object('rope_scaling');
  const outer = fields.positive('rope_theta', 10_000);
  const rope_theta = parameters?.positive('rope_theta', outer) ?? outer;
  if (fields.get('rope_theta') !== undefined && outer !== rope_theta) {
    throw badModel(
      subject,
      `rope_theta is ${outer} and rope_parameters.rope_theta is ${rope_theta}`,
      'both spellings must agree',
      'remove the one that is wrong',
    );
  }
  if (fields.get('partial_rotary_factor') !== undefined && fields.get('partial_rotary_factor') !== 1) {
    throw badModel(
      subject,
      `partial_rotary_factor is ${shown(fields.get('partial_rotary_factor'))}`,
      'all of a head is rotated in the supported models',
      'choose a model without it',
    );
  }
  return { rope_theta, rope_scaling: scaling === null ? null : parseScaling(scaling, subject, maxPositions) };
}

function parseScaling(fields: ConfigFields, subject: string, maxPositions: number): RopeScaling | null {
  const type = fields.text('rope_type', fields.text('type', 'default'));
  const factor = (): number => fields.positive('factor');
  const original = (): number => fields.size('original_max_position_embeddings', maxPositions);
  switch (type) {
    case 'default':
      return null;
    case 'linear':
      return { rope_type: type, factor: factor() };
    case 'dynamic':
      return { rope_type: type, factor: factor(), original_max_position_embeddings: original() };
    case 'llama3': {
      const low_freq_factor = fields.positive('low_freq_factor');
      const high_freq_factor = fields.positive('high_freq_factor');
      if (low_freq_factor >= high_freq_factor) {
        throw badModel(
          subject,
          `low_freq_factor is ${low_freq_factor} and high_freq_factor is ${high_freq_factor}`,
          'the low one must be below the high one',
          'compare the file with the one that was published',
        );
      }
      return {
        rope_type: type,
        factor: factor(),
        low_freq_factor,
        high_freq_factor,
        original_max_position_embeddings: fields.size('original_max_position_embeddings'),
      };
    }
    case 'yarn':
      return {
        rope_type: type,
        factor: factor(),
        original_max_position_embeddings: original(),
        beta_fast: fields.positive('beta_fast', 32),
        beta_slow: fields.positive('beta_slow', 1),
        attention_factor:
          fields.get('attention_factor') === undefined ? null : fields.positive('attention_factor'),
      };
    default:
      throw badModel(
        subject,
        `rope_type is ${shown(type)}`,
        'the types known are default, linear, dynamic, llama3 and yarn',
        'choose a model with one of these',
      );
  }
}
