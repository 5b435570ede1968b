// Texts that are longer than a context, window by window.
import { callback, checkOptions, having, listOf, optional, trueOrFalse } from '@tilewright/kernels';
import type { LanguageModel } from './language-model.ts';
import { checkInteger, checkModel, checkTokenList } from './requests.ts';
import { score, type ScoreOptions, type Scores } from './score.ts';

/** The non-overlapping windows of a text that fit whole, each with the token after every position. Throws `bad-argument`. */
export function windowsOf(
  tokens: readonly number[],
  length: number,
  most: number = Infinity,
): { tokens: number[]; targets: number[] }[] {
  checkTokenList('windowsOf', tokens);
  checkInteger('windowsOf', 'length', length, 1, Number.MAX_SAFE_INTEGER);
  if (most !== Infinity) checkInteger('windowsOf', 'most', most, 0, Number.MAX_SAFE_INTEGER);
  const windows: { tokens: number[]; targets: number[] }[] = [];
  for (let start = 0; start + length < tokens.length && windows.length < most; start += length)
    windows.push({
      tokens: tokens.slice(start, start + length),
      targets: tokens.slice(start + 1, start + length + 1),
    });
  return windows;
}

/** Tokens, and where losses are wanted the token after each. */
export interface ScoredWindow {
  readonly tokens: readonly number[];
  readonly targets?: readonly number[] | undefined;
}

/**
 * Scores windows, each from an empty context, in their order. The GPU is given the next one before the caller looks at the last, so
 * that both work. Throws as {@link score}.
 */
export function scoreEach(
  model: LanguageModel,
  windows: readonly ScoredWindow[],
  options: Pick<ScoreOptions, 'logits'> = {},
): AsyncGenerator<Scores, void, undefined> {
  checkModel('scoreEach', model);
  const window = having('an object of tokens and, for losses, targets', 'tokens');
  checkOptions('scoreEach', { windows }, { windows: listOf(window) });
  checkOptions('scoreEach', options, { logits: optional(trueOrFalse) });
  return scoresOfEach(model, windows, options);
}

async function* scoresOfEach(
  model: LanguageModel,
  windows: readonly ScoredWindow[],
  options: Pick<ScoreOptions, 'logits'>,
): AsyncGenerator<Scores, void, undefined> {
  const scoresOf = async (index: number): Promise<Scores | undefined> => {
    const window = windows[index];
    if (!window) return undefined;
    return score(model, window.tokens, { ...options, ...(window.targets && { targets: window.targets }) });
  };
  let next = scoresOf(0);
  try {
    for (let index = 1; ; index++) {
      const scores = await next;
      if (!scores) return;
      next = scoresOf(index);
      // What fails meanwhile is thrown at its turn.
      next.catch(() => undefined);
      yield scores;
    }
  } finally {
    // A caller who stops here gets the model back when it has let go of what it was given.
    await next.catch(() => undefined);
  }
}

/** Mean loss over windows, in nats per token; NaN of none. Throws `bad-argument` for what are no windows, and as {@link score}. */
export async function meanLoss(
  model: LanguageModel,
  windows: readonly { readonly tokens: readonly number[]; readonly targets: readonly number[] }[],
  onProgress?: (done: number, of: number) => void,
): Promise<number> {
  const window = having('tokens and targets, as windowsOf gives them', 'tokens', 'targets');
  checkOptions(
    'meanLoss',
    { windows, onProgress },
    { windows: listOf(window), onProgress: optional(callback) },
  );
  let sum = 0;
  let count = 0;
  let done = 0;
  for await (const { losses } of scoreEach(model, windows)) {
    for (const loss of losses) sum += loss;
    count += losses.length;
    onProgress?.(++done, windows.length);
  }
  return sum / count;
}
