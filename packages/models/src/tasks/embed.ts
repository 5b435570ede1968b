import {
  aKindOf,
  awaitFix,
  checkedLater,
  checkOptions,
  having,
  optional,
  TilewrightError,
  trueOrFalse,
} from '@tilewright/kernels';
import type { EmbeddingModel } from './embedding-model.ts';
import type { Pooling, PoolingKind } from './pooling.ts';
import { checkFinite, checkTokenList, checkTokens, claim } from './requests.ts';

/**
 * A text, its tokens, or its tokens with of which of two texts each is (default the first) and where each stands (default one after
 * the other from 0 on).
 */
export type EmbedInput = string | readonly number[] | EmbedTokens;

export interface EmbedTokens {
  readonly tokens: readonly number[];
  readonly types?: readonly number[];
  readonly positions?: readonly number[];
}

export interface EmbedOptions extends Partial<Pooling> {
  readonly signal?: AbortSignal;
}

/** What an encoder makes of a text. */
export interface Encoded {
  /** `[tokens, width]`, row-major. */
  readonly hidden: Float32Array;
  readonly width: number;
  /** What the model's own pooler makes of the first token, `[width]`; undefined where it was not loaded. */
  readonly pooled: Float32Array | undefined;
}

const subject = 'embed';
const kinds: readonly PoolingKind[] = ['mean', 'cls', 'max'];

/**
 * A vector for each text. Texts are read one after the other at their own lengths, so what a vector is does not depend on its
 * neighbours. What `options` leave open is what the model's makers say, else the mean of all tokens, as it is.
 *
 * Throws `bad-argument` for unknown options, texts without tokens or longer than the model takes, tokens and types that it does
 * not have, and while it reads others; `bad-model` where texts are given and there is no tokenizer; `aborted`; `disposed`;
 * `not-finite`.
 */
export async function embed(
  model: EmbeddingModel,
  inputs: readonly EmbedInput[],
  options: EmbedOptions = {},
): Promise<Float32Array[]> {
  checkEncoder(model);
  checkOptions(subject, options, {
    pooling: checkedLater,
    normalize: optional(trueOrFalse),
    signal: optional(having('an AbortSignal', 'aborted')),
  });
  if (!Array.isArray(inputs))
    refuse(
      `the texts are ${typeof inputs === 'string' ? 'a text' : aKindOf(inputs)}`,
      'they must be a list',
      awaitFix(inputs, 'put brackets around it'),
    );
  const { pooling = model.pooling.pooling, normalize = model.pooling.normalize, signal } = options;
  if (!kinds.includes(pooling))
    refuse(
      `pooling is ${String(pooling)}`,
      `it must be ${kinds.join(', ')}`,
      "use 'mean' where nothing else is known",
    );
  const vectors: Float32Array[] = [];
  for (const input of inputs) {
    if (signal?.aborted)
      throw new TilewrightError('aborted', { subject, problem: 'it was aborted' }, { cause: signal.reason });
    const vector = pool[pooling](await encode(model, input));
    vectors.push(Float32Array.from(normalize ? unit(vector) : vector));
  }
  return vectors;
}

/** The hidden states of a text, and what the pooler makes of it where the model was loaded with `pooled`. Throws as {@link embed}. */
export async function encode(model: EmbeddingModel, input: EmbedInput): Promise<Encoded> {
  checkEncoder(model);
  const { tokens, types, positions } = await tokensOf(model, input);
  const fitting = model.encode.find((each) => each.tokens >= tokens.length);
  if (tokens.length === 0) refuse('a text has no tokens', 'a vector is of one or more', 'leave the text out');
  if (!fitting)
    return refuse(
      `a text has ${tokens.length} tokens`,
      `the model was loaded for ${model.encode.at(-1)!.tokens}`,
      'shorten it, or open the model with a larger maxTokens where its positions allow one',
    );
  checkTokens(subject, tokens, model.tasks.vocabulary);
  const { tokenTypes, positions: places } = model.tasks;
  checkEach('type', types, tokens.length, tokenTypes, 'leave types out for the first');
  checkEach('position', positions, tokens.length, places, 'leave positions out for one after the other');
  const release = claim(subject, model);
  try {
    const { executable } = fitting;
    const { hidden, pooled } = model.step;
    executable.run(
      { tokens: tokens.length },
      {
        ids: Uint32Array.from(tokens),
        positions: Uint32Array.from(positions),
        types: Uint32Array.from(types),
      },
    );
    const states = (await executable.read(hidden)) as Float32Array;
    const width = states.length / tokens.length;
    // Every one: the gain and the bias of the last norm are each of one column.
    for (const [i, value] of states.entries()) checkFinite(subject, Math.floor(i / width), value);
    const projected = pooled === undefined ? undefined : ((await executable.read(pooled)) as Float32Array);
    const first = projected?.slice(0, width);
    first?.forEach((value) => checkFinite(subject, 0, value));
    return { hidden: states, width, pooled: first };
  } finally {
    release();
  }
}

const refuse = (problem: string, requirement: string, fix: string): never => {
  throw new TilewrightError('bad-argument', { subject, problem, requirement, fix });
};

const checkEncoder = (model: EmbeddingModel): void =>
  checkOptions(subject, { model }, { model: having('what loadEmbeddingModel gives', 'encode') });

async function tokensOf({ text }: EmbeddingModel, input: EmbedInput): Promise<Required<EmbedTokens>> {
  if (typeof input === 'string') {
    if (!text)
      return refuse(
        'the model was loaded without its text',
        'texts become tokens by a tokenizer',
        'load what openModel gave, or give tokens',
      );
    return completed((await text.tokenizer()).encode(input, 'prompt'));
  }
  const isList = Array.isArray(input) || ArrayBuffer.isView(input);
  if (!isList) checkOptions(subject, input, ['tokens', 'types', 'positions']);
  const { tokens, types, positions } = (isList ? { tokens: input } : input) as EmbedTokens;
  for (const list of [tokens, types ?? [], positions ?? []]) checkTokenList(subject, list);
  return completed([...tokens], types, positions);
}

const completed = (
  tokens: readonly number[],
  types: readonly number[] = tokens.map(() => 0),
  positions: readonly number[] = [...tokens.keys()],
) => ({ tokens, types, positions });

function checkEach(what: string, values: readonly number[], count: number, most: number, fix: string): void {
  if (values.length !== count)
    refuse(
      `${values.length} ${what}s are given for ${count} tokens`,
      'each token has one',
      'give as many as tokens',
    );
  for (const value of values)
    if (!Number.isInteger(value) || value < 0 || value >= most)
      refuse(`there is a token of ${what} ${value}`, `${what}s are integers from 0 to ${most - 1}`, fix);
}

/** How a vector is made of hidden states; sums in f64. */
const pool: Readonly<Record<PoolingKind, (encoded: Encoded) => Float64Array>> = {
  mean({ hidden, width }) {
    const sum = new Float64Array(width);
    for (const [i, value] of hidden.entries()) sum[i % width]! += value;
    return sum.map((value) => (value * width) / hidden.length);
  },
  cls: ({ hidden, width }) => Float64Array.from(hidden.subarray(0, width)),
  max({ hidden, width }) {
    const most = new Float64Array(width).fill(-Infinity);
    for (const [i, value] of hidden.entries()) most[i % width] = Math.max(most[i % width]!, value);
    return most;
  },
};

/** A vector of length 1; one of zeros stays. */
function unit(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
