import type { Json, JsonObject, ModelSource } from '@tilewright/formats';
import { checkOptions, having } from '@tilewright/kernels';
import { configFields, type ConfigFields } from '../architectures/config-fields.ts';
import { checkGenerateOptions, type GenerateOptions } from './generate-options.ts';

/** How the model's makers generate with it, by `generation_config.json` and `config.json`. */
export interface GenerationDefaults {
  /** What a text begins with; empty where neither file says. */
  readonly startTokens: readonly number[];
  /** What ends a text; empty where neither file says. */
  readonly stopTokens: readonly number[];
  /** `generation_config.json` as it stands: read where the caller says nothing, see {@link withDefaults}. */
  readonly said: JsonObject;
  /** What the file says and generation does not do, a sentence each. */
  readonly warnings: readonly string[];
}

const subject = 'generation_config.json';

/** Fields that generation takes, or that change nothing of it. */
const understood: ReadonlySet<string> = new Set([
  '_from_model_config',
  'bos_token_id',
  'do_sample',
  'eos_token_id',
  'max_new_tokens',
  'pad_token_id',
  'temperature',
  'top_k',
  'top_p',
  'transformers_version',
  'use_cache',
]);
/** Values at which other fields do nothing. */
const neutral: Readonly<Record<string, unknown>> = {
  diversity_penalty: 0,
  encoder_no_repeat_ngram_size: 0,
  length_penalty: 1,
  min_length: 0,
  min_p: 0,
  no_repeat_ngram_size: 0,
  num_beams: 1,
  num_return_sequences: 1,
  repetition_penalty: 1,
  typical_p: 1,
};

/** Throws `bad-model` for token ids that are none. */
export function generationDefaults({ config, generation }: ModelSource): GenerationDefaults {
  const own = configFields(generation, subject);
  const model = configFields(config, 'config.json');
  const tokens = (name: string): readonly number[] => {
    const said = own.tokenIds(name);
    return said.length > 0 ? said : model.tokenIds(name);
  };
  // `max_new_tokens` goes before `max_length`, and no cache has more room than the model has positions.
  const isRoom = (name: string, value: Json): boolean =>
    name === 'max_length' &&
    (own.get('max_new_tokens') !== undefined ||
      Number(value) >= Number(model.get('max_position_embeddings') ?? Infinity));
  const left = [...generation].flatMap(([name, value]) =>
    understood.has(name) ||
    value === null ||
    value === false ||
    neutral[name] === value ||
    isRoom(name, value)
      ? []
      : [name],
  );
  const vocabulary = Number(model.get('vocab_size') ?? Infinity);
  const stray = ['bos_token_id', 'eos_token_id'].flatMap((name) => {
    const ids = tokens(name).filter((id) => id >= vocabulary);
    return ids.length > 0 ? [`${name} names token ${ids.join(', ')}, and vocab_size is ${vocabulary}`] : [];
  });
  return {
    startTokens: tokens('bos_token_id'),
    // One that no model of this vocabulary writes is warned of.
    stopTokens: tokens('eos_token_id').filter((id) => id < vocabulary),
    said: generation,
    warnings: [
      ...(left.length > 0 ? [`${subject} has ${left.join(', ')}, which generation here does not do`] : []),
      ...stray,
    ],
  };
}

/**
 * Options in which what the caller left open is what the makers say: their sampling where they sample, else the likeliest
 * token. What the caller gives is not looked up: it stands where the file is wrong, too.
 *
 * Throws `bad-model` for a value of the file that is out of range and is needed, `bad-argument` for options that nobody knows.
 */
export function withDefaults(
  text: Pick<GenerationDefaults, 'said' | 'stopTokens'>,
  options: GenerateOptions,
): GenerateOptions {
  checkOptions('withDefaults', { text }, { text: having('the text of a model', 'said', 'stopTokens') });
  return settings(text, options);
}

/** {@link withDefaults} of the text of a model. */
export function settings(
  { said, stopTokens }: Pick<GenerationDefaults, 'said' | 'stopTokens'>,
  options: GenerateOptions,
): GenerateOptions {
  checkGenerateOptions(options);
  const fields = configFields(said, subject);
  const temperature = options.temperature ?? temperatureOf(fields);
  // The likeliest token is among any k, so what the file says of them is not needed.
  const isGreedy = temperature === 0;
  return {
    ...options,
    temperature,
    topK: options.topK ?? (isGreedy ? 0 : topKOf(fields)),
    topP: options.topP ?? (isGreedy ? 1 : topPOf(fields)),
    stopTokens: options.stopTokens ?? stopTokens,
    ...(options.maxTokens === undefined &&
      fields.get('max_new_tokens') !== undefined && { maxTokens: fields.size('max_new_tokens') }),
  };
}

function temperatureOf(fields: ConfigFields): number {
  if (!fields.boolean('do_sample', false)) return 0;
  // 0 means "greedy" in Hugging Face's files.
  return fields.get('temperature') === 0 ? 0 : fields.positive('temperature', 1);
}

/** 0 and -1 mean "no limit". */
function topKOf(fields: ConfigFields): number {
  const value = fields.get('top_k');
  return value === undefined || value === 0 || value === -1 ? 0 : fields.size('top_k');
}

function topPOf(fields: ConfigFields): number {
  const top_p = fields.positive('top_p', 1);
  return top_p <= 1
    ? top_p
    : fields.refuse(
        { top_p },
        'a probability is at most 1',
        'correct the file, or say otherwise (topP, --top-p)',
      );
}
