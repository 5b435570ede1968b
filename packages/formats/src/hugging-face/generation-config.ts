import type { JsonObject } from '../json/parse-json.ts';
import { badModel, configFields } from './config-fields.ts';

/**
 * How the model's makers sample from it: `generation_config.json` by its published names; null where it says
 * nothing.
 */
export interface GenerationConfig {
  readonly bos_token_id: readonly number[];
  readonly eos_token_id: readonly number[];
  readonly do_sample: boolean;
  readonly temperature: number | null;
  readonly top_k: number | null;
  /** In (0, 1]. */
  readonly top_p: number | null;
  readonly max_new_tokens: number | null;
}

/**
 * Reads a parsed `generation_config.json`; an empty object gives "nothing said". Throws `bad-model` for wrong
 * types.
 */
export function parseGenerationConfig(
  config: JsonObject,
  subject = 'generation_config.json',
): GenerationConfig {
  const fields = configFields(config, subject);
  const positive = (name: string): number | null =>
    fields.get(name) === undefined ? null : fields.positive(name);
  const size = (name: string): number | null => (fields.get(name) === undefined ? null : fields.size(name));
  const top_p = positive('top_p');
  if (top_p !== null && top_p > 1) {
    throw badModel(
      subject,
      `top_p is ${top_p}`,
      'a probability is at most 1',
      'compare the file with the one that was published',
    );
  }
  return {
    bos_token_id: fields.tokenIds('bos_token_id'),
    eos_token_id: fields.tokenIds('eos_token_id'),
    do_sample: fields.boolean('do_sample', false),
    // Temperature 0 and top_k 0 mean "off" in Hugging Face's files: greedy, and no limit.
    temperature: fields.get('temperature') === 0 ? 0 : positive('temperature'),
    top_k: fields.get('top_k') === 0 ? null : size('top_k'),
    top_p,
    max_new_tokens: size('max_new_tokens'),
  };
}
