import { median } from '@tilewright/bench';
import { explain } from '@tilewright/graph';
import type { StateDict } from '@tilewright/kernels';
import {
  divergence,
  generateTokens,
  type LanguageModel,
  loadLanguageModel,
  meanLoss,
  type LanguageGraph,
  readPrompt,
  score,
} from '@tilewright/models';
import type { Device } from '@tilewright/runtime';

/** What a variant of a model is and does; times are those of this machine. */
export interface VariantRow {
  readonly name: string;
  /** Of all weights, embedding included. */
  readonly weightBytes: number;
  /** Of the compressed layers, scales and positions included; embedding and norms apart. */
  readonly bitsPerWeight: number;
  /** Nats per token on the held-out text; null where that text is not there. */
  readonly heldOutLoss: number | null;
  /** Nats per token, and part of the positions with the same first choice, against dense f32 on text it wrote. */
  readonly klToDense: number;
  readonly top1Agreement: number;
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
  /** Counted by the device during one decode step in the middle of the context. */
  readonly dispatchesPerToken: number;
  readonly movedBytesPerToken: number;
  /** What no schedule could avoid reading and writing in that step. */
  readonly compulsoryBytesPerToken: number;
  readonly plannedPeakBytes: number;
  readonly allocatedPeakBytes: number;
}

/** The texts that all variants are measured on. */
export interface Exam {
  /** Text of the dense model, and the logits it gave there. */
  readonly passages: readonly { readonly tokens: readonly number[]; readonly logits: Float32Array }[];
  readonly heldOut: readonly { readonly tokens: number[]; readonly targets: number[] }[] | undefined;
}

export interface MeasureOptions {
  readonly onProgress: (stage: string, done?: number, total?: number) => void;
  readonly signal: AbortSignal;
}

/** Loads prepared weights, measures, and lets go of them again. */
export async function measureVariant(
  device: Device,
  model: LanguageGraph,
  weights: StateDict,
  variant: { readonly name: string; readonly bitsPerWeight: number },
  exam: Exam,
  { onProgress, signal }: MeasureOptions,
): Promise<VariantRow> {
  onProgress(`${variant.name}: compiling`);
  const loaded = await loadLanguageModel(device, { model, weights }, { scoring: true });
  try {
    const heldOutLoss =
      exam.heldOut === undefined
        ? null
        : await meanLoss(loaded, exam.heldOut, (done, total) => {
            signal.throwIfAborted();
            onProgress(`${variant.name}: held-out text`, done, total);
          });
    onProgress(`${variant.name}: against dense f32`);
    const agreement = await compare(loaded, exam.passages);
    onProgress(`${variant.name}: speed`);
    const prompt = exam.passages[0]!.tokens;
    return {
      name: variant.name,
      weightBytes: [...weights.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
      bitsPerWeight: variant.bitsPerWeight,
      heldOutLoss,
      ...agreement,
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

async function compare(
  loaded: LanguageModel,
  passages: Exam['passages'],
): Promise<Pick<VariantRow, 'klToDense' | 'top1Agreement'>> {
  let [kl, agreement, count] = [0, 0, 0];
  for (const { tokens, logits } of passages) {
    const own = await score(loaded, tokens, { logits: true });
    const { klToReference, top1Agreement } = divergence(logits, own.logits!, loaded.tasks.vocabulary);
    kl += klToReference * tokens.length;
    agreement += top1Agreement * tokens.length;
    count += tokens.length;
  }
  // Rounding may leave a divergence of zero slightly below it.
  return { klToDense: Math.max(0, kl / count), top1Agreement: agreement / count };
}

const repeats = 5;

async function prefillSpeed(loaded: LanguageModel, prompt: readonly number[]): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    readPrompt(loaded, prompt);
    await loaded.device.idle();
    times.push(performance.now() - start);
  }
  return (1000 * prompt.length) / median(times);
}

/** Greedy, from one token on, as many tokens as half the context takes but at most 32; token by token to the host. */
async function decodeSpeed(
  loaded: LanguageModel,
  prompt: readonly number[],
  signal: AbortSignal,
): Promise<number> {
  const times: number[] = [];
  const maxTokens = Math.min(32, loaded.capacity >> 1);
  let last = performance.now();
  for await (const _ of generateTokens(loaded, prompt.slice(0, 1), { maxTokens, signal })) {
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  return 1000 / median(times);
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
    {
      ids: Uint32Array.of(prompt[0]!),
      positions: Uint32Array.of(keys - 1, keys - 1),
      lengths: Uint32Array.of(keys),
    },
  );
  return {
    dispatchesPerToken: counters.dispatches - before.dispatches,
    movedBytesPerToken: counters.movedBytes - before.movedBytes,
    compulsoryBytesPerToken: explain(loaded.decode.compiled, { tokens: 1, keys }).compulsoryBytes,
  };
}
