import type { Executable } from '@tilewright/graph';
import { checkedLater, checkOptions, optional, TilewrightError, trueOrFalse } from '@tilewright/kernels';
import { sequenceFrom, wantedBy } from './generate.ts';
import type { LanguageModel } from './language-model.ts';
import type { LanguageTasks } from './language-tasks.ts';
import { checkFinite, checkInteger, checkModel, checkTokens, claim } from './requests.ts';

/** What a model says of a text: per position, the loss of the next token, its own choice, and the logits if asked for. */
export interface Scores {
  /** Nats per position; empty where no targets were given. */
  readonly losses: Float32Array;
  readonly argmax: Uint32Array;
  /** `[tokens, vocabulary]`, row-major. */
  readonly logits: Float32Array | undefined;
}

/** What to score besides each position's own choice. */
export interface ScoreOptions {
  /** The token that follows each position. */
  readonly targets?: readonly number[];
  readonly logits?: boolean;
}

/** Reads `tokens` from an empty context and scores every position. The model must be loaded with `scoring`. Throws
 * `not-finite` where the losses are no numbers. */
export async function score(
  model: LanguageModel,
  tokens: readonly number[],
  options: ScoreOptions = {},
): Promise<Scores> {
  checkModel('score', model);
  const { score: executable, tasks } = model;
  if (!executable)
    throw new TilewrightError('bad-argument', {
      subject: 'score',
      problem: 'this model was loaded without scoring',
      requirement: 'scoring has an executable of its own',
      fix: 'load it with { scoring }',
    });
  checkOptions('score', options, { targets: checkedLater, logits: optional(trueOrFalse) });
  const { targets = tokens } = options;
  checkTokens('score', tokens, tasks.vocabulary);
  checkTokens('score', targets, tasks.vocabulary);
  checkInteger('score', 'the number of tokens', tokens.length, 1, tasks.score.maxTokens);
  checkInteger('score', 'the number of targets', targets.length, tokens.length, tokens.length);
  const release = claim('score', model);
  try {
    model.session.reset(tasks.restarts);
    return await scoreChecked(executable, tasks.score, tokens, targets, options);
  } finally {
    release();
  }
}

async function scoreChecked(
  executable: Executable,
  values: LanguageTasks['score'],
  tokens: readonly number[],
  targets: readonly number[],
  options: ScoreOptions,
): Promise<Scores> {
  const count = tokens.length;
  executable.run(
    { tokens: count, keys: count },
    wantedBy(executable, {
      ids: Uint32Array.from(tokens),
      sequences: sequenceFrom(0, count),
      targets: Uint32Array.from(targets),
    }),
  );
  // Together, so that the GPU is waited for once.
  const [losses, argmax, logits] = (await Promise.all([
    executable.read(values.loss),
    executable.read(values.argmax),
    options.logits ? executable.read(values.logits) : undefined,
  ])) as [Float32Array, Uint32Array, Float32Array | undefined];
  for (const [position, loss] of losses.entries()) checkFinite('score', position, loss);
  return { losses: options.targets ? losses : new Float32Array(0), argmax, logits };
}
