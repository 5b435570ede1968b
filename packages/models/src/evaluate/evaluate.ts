import { callback, checkOptions, having, listOf, optional, TilewrightError } from '@tilewright/kernels';
import { type Comparison, divergenceFrom } from '../tasks/divergence.ts';
import type { LanguageModel } from '../tasks/language-model.ts';
import { checkModel } from '../tasks/requests.ts';
import { score } from '../tasks/score.ts';
import { scoreEach } from '../tasks/windows.ts';
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

/** What the reference says is kept up to this, and else made again for each candidate. */
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
  checkOptions(
    'evaluate',
    { reference, candidates, windows },
    {
      reference: having('an object with name and model', 'name', 'model'),
      candidates: listOf(having('an object with name and load', 'name', 'load')),
      windows: listOf(having('a window of tokens and targets, as windowsOf makes them', 'tokens', 'targets')),
    },
  );
  checkModel('evaluate', reference.model);
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
  const comparisons = comparisonsWith(reference.model, windows);
  const referenceLosses = new Float64Array(windows.length);
  let done = 0;
  assertNotAborted(reference.name);
  for await (const { losses, logits } of scoreEach(reference.model, windows, { logits: true })) {
    comparisons.keep(done, logits!);
    referenceLosses[done++] = meanOf(losses);
    options.onProgress?.(reference.name, done, windows.length);
    assertNotAborted(reference.name);
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
        let index = 0;
        for await (const { losses, logits } of scoreEach(model, windows, { logits: true })) {
          const { klToReference, top1Agreement } = (await comparisons.of(index))(logits!);
          samples.loss[draw]![index] = meanOf(losses);
          // Rounding may leave a divergence of zero slightly below it.
          samples.kl[draw]![index] = Math.max(0, klToReference);
          samples.agreement[draw]![index++] = top1Agreement;
          options.onProgress?.(name, draw * windows.length + index, draws * windows.length);
          assertNotAborted(name);
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

/** What compares logits of a window with those of the reference, remembered where all of it is small enough. */
function comparisonsWith(
  model: LanguageModel,
  windows: readonly TextWindow[],
): { keep(index: number, logits: Float32Array): void; of(index: number): Promise<Comparison> } {
  const { vocabulary } = model.tasks;
  const tokens = windows.reduce((sum, window) => sum + window.tokens.length, 0);
  const remembers = 4 * vocabulary * tokens <= keptBytes;
  const kept: Comparison[] = [];
  return {
    keep(index, logits) {
      if (remembers) kept[index] = divergenceFrom(logits, vocabulary);
    },
    async of(index) {
      if (kept[index]) return kept[index];
      const { logits } = await score(model, windows[index]!.tokens, { logits: true });
      return divergenceFrom(logits!, vocabulary);
    },
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
