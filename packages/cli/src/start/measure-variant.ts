import { type Percentiles, percentiles } from '@tilewright/bench';
import { explain } from '@tilewright/graph';
import type { StateDict } from '@tilewright/kernels';
import {
  generateTokens,
  type LanguageModel,
  loadLanguageModel,
  type LanguageGraph,
  readPrompt,
  scoreEach,
  type Scores,
  scoring,
  wantedBy,
} from '@tilewright/models';
import type { Device } from '@tilewright/runtime';
import type { Exam } from './exam.ts';

/** What a variant of a model is and does; times are those of this machine. */
export interface VariantRow {
  readonly name: string;
  /** Of all weights, embedding included. */
  readonly weightBytes: number;
  /** Of the compressed layers, scales and positions included; embedding and norms apart. */
  readonly bitsPerWeight: number;
  /** Nats per token on the held-out text; null where that text is not there. */
  readonly heldOutLoss: number | null;
  /**
   * Nats per token, and part of the positions with the same first choice, against dense f32: on the beginning of the held-out
   * text, or on text it wrote itself where there is none.
   */
  readonly klToDense: number;
  readonly top1Agreement: number;
  /** The median over repeats, and what a fifth of them fell below and rose above. */
  readonly prefillTokensPerSecond: Percentiles;
  readonly decodeTokensPerSecond: Percentiles;
  /** Counted by the device during one decode step in the middle of the context. */
  readonly dispatchesPerToken: number;
  readonly movedBytesPerToken: number;
  /** What no schedule could avoid reading and writing in that step. */
  readonly compulsoryBytesPerToken: number;
  readonly plannedPeakBytes: number;
  readonly allocatedPeakBytes: number;
}

export interface MeasureOptions {
  readonly onProgress: (stage: string, done?: number, total?: number) => void;
  readonly signal: AbortSignal;
}

/** Loads weights, measures, and lets go of them again. */
export async function measureVariant(
  device: Device,
  model: LanguageGraph,
  weights: StateDict,
  variant: { readonly name: string; readonly bitsPerWeight: number },
  exam: Exam,
  { onProgress, signal }: MeasureOptions,
): Promise<VariantRow> {
  onProgress(`${variant.name}: compiling`);
  const loaded = await loadLanguageModel(device, { model, weights }, { scoring });
  try {
    const quality = await answer(loaded, exam, (done, total) => {
      signal.throwIfAborted();
      onProgress(`${variant.name}: against dense f32`, done, total);
    });
    onProgress(`${variant.name}: speed`);
    const prompt = exam.windows[0]!.tokens;
    return {
      name: variant.name,
      weightBytes: loaded.weightBytes,
      bitsPerWeight: variant.bitsPerWeight,
      ...quality,
      prefillTokensPerSecond: await prefillSpeed(loaded, prompt),
      decodeTokensPerSecond: await decodeSpeed(loaded, prompt, signal),
      ...countStep(loaded, prompt),
      plannedPeakBytes: loaded.plannedBytes,
      allocatedPeakBytes: loaded.session.allocatedBytes,
    };
  } finally {
    loaded.dispose();
  }
}

/** What the variant makes of the exam's windows: of the first ones logits, of all losses. */
async function answer(
  loaded: LanguageModel,
  { windows, comparisons, sources }: Exam,
  onProgress: (done: number, total: number) => void,
): Promise<Pick<VariantRow, 'heldOutLoss' | 'klToDense' | 'top1Agreement'>> {
  const losses = { sum: 0, count: 0 };
  let [kl, agreement, compared, done] = [0, 0, 0, 0];
  const scored = (scores: Scores): void => {
    losses.sum += scores.losses.reduce((sum, each) => sum + each, 0);
    losses.count += scores.losses.length;
    onProgress(++done, windows.length);
  };
  const first = windows.slice(0, comparisons.length);
  for await (const scores of scoreEach(loaded, first, { logits: true })) {
    const { length } = windows[done]!.tokens;
    const { klToReference, top1Agreement } = comparisons[done]!(scores.logits!);
    kl += klToReference * length;
    agreement += top1Agreement * length;
    compared += length;
    scored(scores);
  }
  for await (const scores of scoreEach(loaded, windows.slice(comparisons.length))) scored(scores);
  return {
    heldOutLoss: sources.heldOut === null ? null : losses.sum / losses.count,
    // Rounding may leave a divergence of zero slightly below it.
    klToDense: Math.max(0, kl / compared),
    top1Agreement: agreement / compared,
  };
}

/** Rates of as many tokens in each of some times, in milliseconds. */
function rates(tokens: number, times: readonly number[]): Percentiles {
  return percentiles(times.map((time) => (1000 * tokens) / time));
}

const repeats = 5;

async function prefillSpeed(loaded: LanguageModel, prompt: readonly number[]): Promise<Percentiles> {
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    readPrompt(loaded, prompt);
    await loaded.device.idle();
    times.push(performance.now() - start);
  }
  return rates(prompt.length, times);
}

/** Greedy, from one token on, as many tokens as half the context takes but at most 32; token by token to the host. */
async function decodeSpeed(
  loaded: LanguageModel,
  prompt: readonly number[],
  signal: AbortSignal,
): Promise<Percentiles> {
  const times: number[] = [];
  const maxTokens = Math.min(32, loaded.capacity >> 1);
  let last = performance.now();
  for await (const _ of generateTokens(loaded, prompt.slice(0, 1), { maxTokens, signal })) {
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  return rates(1, times);
}

/** One decode step in the middle of the context, as the device counts it. */
function countStep(
  loaded: LanguageModel,
  prompt: readonly number[],
): Pick<VariantRow, 'dispatchesPerToken' | 'movedBytesPerToken' | 'compulsoryBytesPerToken'> {
  const { counters } = loaded.device;
  const keys = loaded.capacity >> 1;
  const before = { ...counters };
  loaded.decode.run(
    { tokens: 1, keys, temperature: 0, top_k: 0, top_p: 1, seed: 0, counter: 0 },
    wantedBy(loaded.decode, {
      ids: Uint32Array.of(prompt[0]!),
      sequences: Uint32Array.of(0, keys - 1, 1, 0),
    }),
  );
  return {
    dispatchesPerToken: counters.dispatches - before.dispatches,
    movedBytesPerToken: counters.movedBytes - before.movedBytes,
    compulsoryBytesPerToken: explain(loaded.decode.compiled, { tokens: 1, keys }).compulsoryBytes,
  };
}
