import { callback, checkOptions, having, optional, TilewrightError } from '@tilewright/kernels';
import { divergence } from '../tasks/divergence.ts';
import type { LanguageModel } from '../tasks/language-model.ts';
import { score } from '../tasks/score.ts';
import { differenceOf, type Estimate, estimateOf } from './estimate.ts';

/** Tokens of a held-out text, and the token after each: see `windowsOf`. */
export interface TextWindow {
  readonly tokens: readonly number[];
  readonly targets: readonly number[];
}

/** A model to be compared. */
export interface Candidate {
  readonly name: string;
  /** How often it is made, each time calibrated on other text; default 1. */
  readonly draws?: number;
  /** Makes it, loaded with `scoring`; it is let go of before the next one is asked for. */
  readonly load: (draw: number) => Promise<LanguageModel>;
}

/** What a candidate is on the windows; differences are paired, window by window. */
export interface EvaluationRow {
  readonly name: string;
  readonly draws: number;
  /** Nats per token. */
  readonly loss: Estimate;
  /** `loss` less that of the reference. */
  readonly lossGap: Estimate;
  /** Kullback-Leibler divergence from the reference, nats per token. */
  readonly kl: Estimate;
  /** Part of the tokens at which both would write the same one. */
  readonly agreement: Estimate;
}

/** Two candidates against each other: the first less the second. */
export interface PairRow {
  readonly names: readonly [string, string];
  readonly loss: Estimate;
  readonly kl: Estimate;
}

export interface Evaluation {
  readonly windows: number;
  readonly tokens: number;
  readonly reference: { readonly name: string; readonly loss: Estimate };
  readonly rows: readonly EvaluationRow[];
  readonly pairs: readonly PairRow[];
}

export interface EvaluateOptions {
  readonly onProgress?: (name: string, done: number, total: number) => void;
  readonly onRow?: (row: EvaluationRow) => void;
  readonly signal?: AbortSignal;
}

/** Logits of the reference are kept up to this, and else made again for each candidate. */
const keptBytes = 2 ** 28;

/**
 * Compares models with a dense one on the same windows of a text that none of them was calibrated on: loss, divergence and
 * agreement, each with its standard error; differences are paired.
 *
 * Throws `bad-argument` for no windows and other vocabularies, `aborted`, and what `score` and `load` throw.
 */
export async function evaluate(
  reference: { readonly name: string; readonly model: LanguageModel },
  candidates: readonly Candidate[],
  windows: readonly TextWindow[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkOptions('evaluate', options, {
    onProgress: optional(callback),
    onRow: optional(callback),
    signal: optional(having('an AbortSignal', 'aborted')),
  });
  if (windows.length === 0)
    throw new TilewrightError('bad-argument', {
      subject: 'evaluate',
      problem: 'there are no windows',
      requirement: 'models are compared on a text',
      fix: 'give a text that is longer than a window',
    });
  const { vocabulary } = reference.model.tasks;
  const assertNotAborted = (name: string): void => {
    if (!options.signal?.aborted) return;
    throw new TilewrightError(
      'aborted',
      {
        subject: 'evaluate',
        problem: `stopped at ${name}`,
        requirement: 'the caller aborted',
      },
      { cause: options.signal.reason },
    );
  };
  const scoresOf = scoreWindows(reference.model, windows);
  const referenceLosses = new Float64Array(windows.length);
  for (const index of windows.keys()) {
    assertNotAborted(reference.name);
    referenceLosses[index] = meanOf((await scoresOf(index)).losses);
    options.onProgress?.(reference.name, index + 1, windows.length);
  }
  const measured: Measured[] = [];
  const rows: EvaluationRow[] = [];
  for (const { name, draws = 1, load } of candidates) {
    const samples: Measured = { name, loss: [], kl: [], agreement: [] };
    for (let draw = 0; draw < draws; draw++) {
      assertNotAborted(name);
      const model = await load(draw);
      try {
        checkVocabulary(name, model.tasks.vocabulary, vocabulary);
        for (const part of quantities) samples[part].push(new Float64Array(windows.length));
        for (const [index, window] of windows.entries()) {
          assertNotAborted(name);
          const found = await compareWindow(model, window, (await scoresOf(index)).logits);
          for (const part of quantities) samples[part][draw]![index] = found[part];
          options.onProgress?.(name, draw * windows.length + index + 1, draws * windows.length);
        }
      } finally {
        model.dispose();
      }
    }
    measured.push(samples);
    const row = {
      name,
      draws,
      loss: estimateOf(samples.loss),
      lossGap: differenceOf(samples.loss, [referenceLosses]),
      kl: estimateOf(samples.kl),
      agreement: estimateOf(samples.agreement),
    };
    rows.push(row);
    options.onRow?.(row);
  }
  const tokens = windows.reduce((sum, window) => sum + window.tokens.length, 0);
  const pairs = measured.flatMap((first, i) =>
    measured.slice(0, i).map((second) => ({
      names: [first.name, second.name] as const,
      loss: differenceOf(first.loss, second.loss),
      kl: differenceOf(first.kl, second.kl),
    })),
  );
  const loss = estimateOf([referenceLosses]);
  return {
    windows: windows.length,
    tokens,
    reference: { name: reference.name, loss },
    rows,
    pairs,
  };
}

const quantities = ['loss', 'kl', 'agreement'] as const;

/** `[draw][window]` of each. */
interface Measured extends Readonly<Record<(typeof quantities)[number], Float64Array[]>> {
  readonly name: string;
}

/** What the reference says of a window; remembered where all of it is small enough. */
function scoreWindows(
  model: LanguageModel,
  windows: readonly TextWindow[],
): (index: number) => Promise<{ readonly losses: Float32Array; readonly logits: Float32Array }> {
  const tokens = windows.reduce((sum, window) => sum + window.tokens.length, 0);
  const remembers = 4 * model.tasks.vocabulary * tokens <= keptBytes;
  const kept = new Map<number, { losses: Float32Array; logits: Float32Array }>();
  return async (index) => {
    const known = kept.get(index);
    if (known) return known;
    const { tokens: ids, targets } = windows[index]!;
    const { losses, logits } = await score(model, ids, {
      targets,
      logits: true,
    });
    const found = { losses, logits: logits! };
    if (remembers) kept.set(index, found);
    return found;
  };
}

async function compareWindow(
  model: LanguageModel,
  { tokens, targets }: TextWindow,
  reference: Float32Array,
): Promise<Record<(typeof quantities)[number], number>> {
  const { losses, logits } = await score(model, tokens, {
    targets,
    logits: true,
  });
  const { klToReference, top1Agreement } = divergence(reference, logits!, model.tasks.vocabulary);
  // Rounding may leave a divergence of zero slightly below it.
  return {
    loss: meanOf(losses),
    kl: Math.max(0, klToReference),
    agreement: top1Agreement,
  };
}

const meanOf = (losses: Float32Array): number => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;

function checkVocabulary(name: string, found: number, wanted: number): void {
  if (found === wanted) return;
  throw new TilewrightError('bad-argument', {
    subject: 'evaluate',
    problem: `${name} knows ${found} tokens`,
    requirement: `the reference knows ${wanted}, and only models of one tokenizer can be compared`,
    fix: 'compare with the model that it was made from',
  });
}
