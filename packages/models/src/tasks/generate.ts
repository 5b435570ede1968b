import type { Executable } from '@tilewright/graph';
import {
  checkOptions,
  nonNegativeInteger,
  positiveInteger,
  shownNumber,
  TilewrightError,
} from '@tilewright/kernels';
import { checkGenerateOptions, type GenerateOptions } from './generate-options.ts';
import type { LanguageModel } from './language-model.ts';
import { checkFinite, checkInteger, checkLoaded, checkModel, checkTokens, claim } from './requests.ts';

/**
 * Reads a prompt and yields tokens one by one. The prompt is read in chunks, all but its last token without computing
 * logits; then every step is one submission.
 *
 * Throws `bad-argument` for an empty prompt, tokens outside the vocabulary, a prompt longer than the cache, unknown
 * options, or while another request has the model's cache; `aborted`; `disposed`;
 * `not-finite` where the logits stop being numbers.
 */
export async function* generateTokens(
  model: LanguageModel,
  prompt: readonly number[],
  options: GenerateOptions = {},
): AsyncGenerator<number, void, void> {
  checkRequest(model, prompt, options);
  const { temperature = 0, topK = 0, topP = 1, seed = 0, stopTokens = [], start = 0, signal } = options;
  const room = model.capacity - start - prompt.length + 1;
  const limit = Math.min(room, options.maxTokens ?? room);
  assertNotAborted(signal);
  if (limit === 0) return;
  const release = claim('generate', model);
  try {
    if (start === 0) model.session.reset(model.tasks.restarts);
    readTokens(model, prompt.slice(0, -1), start);
    let token = prompt.at(-1)!;
    for (let count = 1; count <= limit; count++) {
      assertNotAborted(signal);
      checkLoaded('generate', model);
      const position = start + prompt.length - 2 + count;
      model.decode.run(
        {
          tokens: 1,
          keys: position + 1,
          temperature,
          top_k: Math.max(0, topK),
          top_p: topP,
          seed,
          counter: position,
        },
        wantedBy(model.decode, {
          ids: Uint32Array.of(token),
          sequences: firstSequence(position, 1, model.tasks.sequences),
        }),
      );
      const { decode } = model.tasks;
      const [ids, logits] = await Promise.all([
        model.decode.read(decode.token),
        model.decode.read(decode.logit),
      ]);
      checkFinite('generate', position, logits[0]!);
      token = ids[0]!;
      // Whoever takes the last token need not ask again for the model to be free.
      const isLast = count === limit || stopTokens.includes(token);
      if (isLast) release();
      yield token;
      if (isLast) return;
    }
  } finally {
    release();
  }
}

/** Reads tokens into the cache from position `start` on, in the fewest chunks the executables allow. Throws `bad-argument`. */
export function readPrompt(model: LanguageModel, tokens: readonly number[], start = 0): void {
  const subject = 'readPrompt';
  checkModel(subject, model);
  checkTokens(subject, tokens, model.tasks.vocabulary);
  checkInteger(subject, 'start', start, 0, model.capacity);
  readTokens(model, tokens, start);
}

function readTokens(model: LanguageModel, tokens: readonly number[], start = 0): void {
  for (let done = 0; done < tokens.length;) {
    const left = tokens.length - done;
    const fitting = model.read.find((each) => each.tokens >= left) ?? model.read.at(-1);
    const chunk = tokens.slice(done, done + (fitting?.tokens ?? 1));
    const first = start + done;
    const inputs = {
      ids: Uint32Array.from(chunk),
      sequences: firstSequence(first, chunk.length, model.tasks.sequences),
    };
    const sizes = { tokens: chunk.length, keys: first + chunk.length };
    const executable = fitting?.executable ?? model.decode;
    const numbers = { temperature: 0, top_k: 0, top_p: 1, seed: 0, counter: 0 };
    executable.run(fitting ? sizes : { ...sizes, ...numbers }, wantedBy(executable, inputs));
    done += chunk.length;
  }
}

/** Of these inputs, those the executable has: a recurrent model reads no positions, and who only reads needs no last layer. */
export const wantedBy = <Data>(
  { compiled }: Executable,
  inputs: Readonly<Record<string, Data>>,
): Record<string, Data> =>
  Object.fromEntries(Object.entries(inputs).filter(([name]) => compiled.graph.inputs.includes(name)));

/**
 * The input `sequences` of a step that continues the first sequence after `before` positions, in a graph with room for `rows`. Throws
 * `bad-argument` for what are no such numbers.
 */
export function sequenceFrom(before: number, tokens: number, rows = 1): Uint32Array {
  const kinds = { before: nonNegativeInteger, tokens: nonNegativeInteger, rows: positiveInteger };
  checkOptions('sequenceFrom', { before, tokens, rows }, kinds);
  return firstSequence(before, tokens, rows);
}

/** {@link sequenceFrom} of numbers that are. */
export function firstSequence(before: number, tokens: number, rows = 1): Uint32Array {
  return Uint32Array.from({ length: 2 * rows + 2 }, (_, i) =>
    i === 1 ? before : i > 0 && i % 2 === 0 ? tokens : 0,
  );
}

function assertNotAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new TilewrightError(
    'aborted',
    { subject: 'generate', problem: 'it was aborted' },
    { cause: signal.reason },
  );
}

/** What a u32 of a uniform holds. */
const largest = 2 ** 32 - 1;

function checkRequest(model: LanguageModel, prompt: readonly number[], options: GenerateOptions): void {
  const fail = (problem: string, requirement: string, fix: string): never => {
    throw new TilewrightError('bad-argument', { subject: 'generate', problem, requirement, fix });
  };
  checkModel('generate', model);
  checkGenerateOptions(options);
  checkTokens('generate', prompt, model.tasks.vocabulary);
  if (prompt.length === 0)
    fail('the prompt is empty', 'a model continues at least one token', 'begin with the bos token');
  const { start = 0 } = options;
  checkInteger('generate', 'start', start, 0, model.capacity);
  if (start + prompt.length > model.capacity)
    fail(
      `the prompt has ${prompt.length} tokens${start > 0 ? ` behind ${start} positions` : ''}`,
      `the cache holds ${model.capacity}`,
      'shorten the prompt, or load the model with a larger capacity',
    );
  const { temperature = 0, topP = 1, topK = 0, seed = 0, maxTokens = 0, stopTokens = [] } = options;
  checkTokens('generate', stopTokens, model.tasks.vocabulary);
  if (!(Number.isFinite(temperature) && temperature >= 0))
    fail(
      `temperature is ${shownNumber(temperature)}`,
      'it must be 0 or more',
      'use 0 for the likeliest token',
    );
  if (!(Number.isFinite(topP) && topP > 0 && topP <= 1))
    fail(`topP is ${shownNumber(topP)}`, 'it must be above 0 and at most 1', 'use 1 for no limit');
  checkInteger('generate', 'topK', topK, -1, 2 ** 31 - 1); // an i32
  checkInteger('generate', 'seed', seed, 0, largest);
  checkInteger('generate', 'maxTokens', maxTokens, 0, largest);
}
