import { TilewrightError } from '@tilewright/kernels';
import { isJsonObject, type Json, type JsonObject, shown } from '@tilewright/formats';

/**
 * Typed access to a config object; a field that is null counts as absent. Throws `bad-model` for a wrong type
 * or value.
 */
export interface ConfigFields {
  get(name: string): Json | undefined;
  /** A whole number from 1 to 2^24; the bound keeps every product of two sizes exact. */
  size(name: string, fallback?: number): number;
  /** A number of layers, from 1 to 1000: each of them is work before any weight is looked at. */
  layers(name: string, fallback?: number): number;
  /** A finite number above 0. */
  positive(name: string, fallback?: number): number;
  boolean(name: string, fallback: boolean): boolean;
  text(name: string, fallback?: string): string;
  /** A token id, a list of them, or nothing. */
  tokenIds(name: string): readonly number[];
  object(name: string): ConfigFields | null;
  /** Keeps a sentence for {@link unreadWarnings}: what a field says is done, and is strange. */
  warn(sentence: string): void;
  /** What was warned of, in nested objects too. */
  readonly warned: readonly string[];
  /** Fields that are there, are not null, and were not asked for so far. */
  unread(): readonly string[];
  /** Throws `bad-model` where a field is there that nobody asked for: in an object whose every field changes numbers. */
  refuseUnread(): void;
}

/** Fields that say how a model is trained or kept, and nothing of what it computes. */
const bookkeeping: ReadonlySet<string> = new Set([
  '_attn_implementation',
  '_attn_implementation_autoset',
  '_name_or_path',
  'architectures',
  'attention_dropout',
  'attention_probs_dropout_prob',
  'auto_map',
  'bos_token_id',
  'classifier_dropout',
  'dtype',
  'eos_token_id',
  'gradient_checkpointing',
  'hidden_dropout',
  'hidden_dropout_prob',
  'initializer_range',
  'model_type',
  'output_attentions',
  'output_hidden_states',
  'pad_token_id',
  'pretraining_tp',
  'return_dict',
  'tokenizer_class',
  'torch_dtype',
  'transformers_version',
  'unsloth_version',
  'use_cache',
]);

/** Fields by which other architectures change their numbers, save where they are 1 or false. */
const numeric = /(_multiplier|_softcapping|_scalar|_scale|_scaling|clip_qkv|scale_emb)$/;

/**
 * What was warned of, and a sentence that names the fields which are left over, where there are any. Throws `bad-model` for one that
 * changes numbers elsewhere, and for a type of numbers that is no text.
 */
export function unreadWarnings(fields: ConfigFields): readonly string[] {
  // Weights have the types that their files say; what is no type is an error of the file.
  fields.text('dtype', fields.text('torch_dtype', 'f32'));
  const unread = fields.unread();
  const changing = unread.find(
    (name) => numeric.test(name) && ![1, false].includes(fields.get(name) as number),
  );
  if (changing !== undefined)
    throw badModel(
      'config.json',
      `${changing} is ${shown(fields.get(changing))}`,
      'what it changes would be left out',
      'choose a model without it',
    );
  const left = unread.filter((name) => !bookkeeping.has(name));
  const unused = `config.json has ${left.join(', ')}, which this architecture does not use`;
  return [...fields.warned, ...(left.length > 0 ? [unused] : [])];
}

const maxSize = 2 ** 24;
const maxLayers = 1000;

/** `path` is put in front of field names in messages: `rope_scaling.`. */
export function configFields(
  config: JsonObject,
  subject: string,
  path = '',
  warned: string[] = [],
): ConfigFields {
  const asked = new Set<string>();
  const get = (name: string): Json | undefined => {
    asked.add(name);
    return config.get(name) ?? undefined;
  };
  const unread = (): string[] =>
    [...config].flatMap(([name, value]) => (value === null || asked.has(name) ? [] : [name]));
  const field = <T extends Json>(
    name: string,
    fits: (value: Json | undefined) => value is T,
    requirement: string,
    fallback: T | undefined,
  ): T => {
    const value = get(name) ?? fallback;
    if (fits(value)) return value;
    throw badModel(
      subject,
      `${path}${name} is ${value === undefined ? 'missing' : shown(value)}`,
      requirement,
      'compare the file with the one that was published',
    );
  };
  return {
    get,
    warn: (sentence) => void warned.push(`${subject}: ${path}${sentence}`),
    warned,
    unread,
    refuseUnread() {
      const [name] = unread();
      if (name === undefined) return;
      throw badModel(
        subject,
        `${path}${name} is ${shown(config.get(name))}`,
        `the fields known here are ${[...asked].sort().join(', ')}, and what it changes would be left out`,
        'choose a model without it',
      );
    },
    size: (name, fallback) => field(name, isSize, `it must be a whole number from 1 to ${maxSize}`, fallback),
    layers: (name, fallback) =>
      field(name, isLayers, `it must be a whole number from 1 to ${maxLayers}`, fallback),
    positive: (name, fallback) => field(name, isPositive, 'it must be a number above 0', fallback),
    boolean: (name, fallback) => field(name, isBoolean, 'it must be true or false', fallback),
    text: (name, fallback) => field(name, isText, 'it must be a text', fallback),
    tokenIds: (name) => {
      const value = field(
        name,
        isIdOrIds,
        'it must be a token id (a whole number from 0) or a list of them',
        [],
      );
      return typeof value === 'number' ? [value] : value;
    },
    object: (name) => {
      const value = get(name);
      if (value === undefined) return null;
      if (isJsonObject(value)) return configFields(value, subject, `${path}${name}.`, warned);
      throw badModel(
        subject,
        `${path}${name} is ${shown(value)}`,
        'it must be an object',
        'compare the file with the one that was published',
      );
    },
  };
}

export function badModel(
  subject: string,
  problem: string,
  requirement: string,
  fix: string,
): TilewrightError {
  return new TilewrightError('bad-model', { subject, problem, requirement, fix });
}

const isSize = (value: Json | undefined): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= maxSize;
const isLayers = (value: Json | undefined): value is number => isSize(value) && value <= maxLayers;
const isPositive = (value: Json | undefined): value is number => Number.isFinite(value) && Number(value) > 0;
const isBoolean = (value: Json | undefined): value is boolean => typeof value === 'boolean';
const isText = (value: Json | undefined): value is string => typeof value === 'string' && value !== '';
const isId = (value: Json | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isIdOrIds = (value: Json | undefined): value is number | readonly number[] =>
  Array.isArray(value) ? value.every(isId) : isId(value);
