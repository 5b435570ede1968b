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
  /** Throws `bad-model` for what these fields say. Default fix: a look at the published file. */
  refuse(said: Readonly<Record<string, Json | undefined>>, requirement: string, fix?: string): never;
}

/** Fields that say how a model is trained or kept, and nothing of what it computes. */
const bookkeeping =
  /dropout|_token_id$|_version$|^(_name_or_path|_attn_implementation.*|architectures|auto_map|gradient_checkpointing|initializer_range|model_type|output_(attentions|hidden_states)|pretraining_tp|return_dict|tokenizer_class|use_cache)$/;

/** Fields by which other architectures change their numbers, and what leaves them as they are; the first that fits a name counts. */
const changing: readonly (readonly [names: RegExp, ...neutral: unknown[]])[] = [
  [/softcap|clip_qkv|_scalar|_multipliers|scale_depth|dim_model_base|(att|soft)\w+_(multiplier|scale)$/],
  [/_multiplier$|_scal(e|ing)$|scale_emb|emb_scale|rotary_pct/, 1, false],
  [
    /alibi|qk_\w*norm|experts|lora_rank|no_rope|parallel_|chunk_size|temperature_tuning|bidirectional|interleaved|inverse_layer|sinks|use_mup|is_encoder|cross_att/,
    false,
    0,
  ],
];

/**
 * What was warned of, and a sentence that names the fields which are left over, where there are any. Throws `bad-model` for one that
 * changes numbers elsewhere, unless its value leaves them as they are, and for a type of numbers that is no text.
 */
export function unreadWarnings(fields: ConfigFields): readonly string[] {
  // Weights have the types that their files say; what is no type is an error of the file.
  fields.text('dtype', fields.text('torch_dtype', 'f32'));
  const unread = fields.unread();
  for (const name of unread) {
    const [names, ...neutral] = changing.find(([pattern]) => pattern.test(name)) ?? [];
    const value = fields.get(name);
    if (names && !neutral.includes(value))
      fields.refuse(
        { [name]: value },
        `${leftOut}: only ${[...neutral, 'null'].join(', ')} would do`,
        without,
      );
  }
  const left = unread.filter((name) => !bookkeeping.test(name));
  const unused = `config.json has ${left.join(', ')}, which this architecture does not use`;
  return [...fields.warned, ...(left.length > 0 ? [unused] : [])];
}

/** Throws `bad-model` where the weights are in a form of another tool. */
export function refuseQuantized(fields: ConfigFields): void {
  const quantization_config = fields.get('quantization_config');
  if (quantization_config !== undefined)
    fields.refuse(
      { quantization_config },
      'the weights were compressed by another tool, which nothing here reads',
      'hand openModel checkpoints of @tilewright/formats/checkpoints, or take the original model',
    );
}

const leftOut = 'what it changes would be left out';
const without = 'choose a model without it';
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
  const refuse: ConfigFields['refuse'] = (
    said,
    requirement,
    fix = 'compare the file with the one that was published',
  ) => {
    const problems = Object.entries(said).map(
      ([name, value]) => `${path}${name} is ${value === undefined ? 'missing' : shown(value)}`,
    );
    throw badModel(subject, problems.join(' and '), requirement, fix);
  };
  const field = <T extends Json>(
    name: string,
    fits: (value: Json | undefined) => value is T,
    requirement: string,
    fallback: T | undefined,
  ): T => {
    const value = get(name) ?? fallback;
    return fits(value) ? value : refuse({ [name]: value }, requirement);
  };
  return {
    get,
    warn: (sentence) => void warned.push(`${subject}: ${path}${sentence}`),
    warned,
    unread,
    refuseUnread() {
      const [name] = unread();
      if (name !== undefined)
        refuse(
          { [name]: config.get(name) },
          `the fields known here are ${[...asked].sort().join(', ')}, and ${leftOut}`,
          without,
        );
    },
    refuse,
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
      return isJsonObject(value)
        ? configFields(value, subject, `${path}${name}.`, warned)
        : refuse({ [name]: value }, 'it must be an object');
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
