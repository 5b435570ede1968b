// What compression did to a model, measured where nothing else was: on windows of the calibrating part of a text that it was not calibrated on.
import type { StateDict } from '@tilewright/kernels';
import { type Estimate, evaluate, loadLanguageModel, scoring } from '@tilewright/models';
import type { Device } from '@tilewright/runtime';
import type { Progress } from '../terminal.ts';
import { type OpenedFolder, tokenizerOf } from './open-folder.ts';
import { checkCalibration, type SplitText, spreadWindows } from './texts.ts';

/** How far a compressed model is from the dense one. */
export interface Quality {
  readonly windows: number;
  /** Nats per token beyond the dense model. */
  readonly lossGap: Estimate;
  /** Kullback-Leibler divergence from it, nats per token. */
  readonly kl: Estimate;
}

const mostWindows = 16;

/** Token windows to measure on, with the token after each. Throws `bad-argument` where the text is too short for one. */
export async function qualityWindows(
  opened: OpenedFolder,
  { calibrating, sources }: SplitText,
): Promise<readonly { readonly tokens: number[]; readonly targets: number[] }[]> {
  const tokenizer = await tokenizerOf(opened);
  if (!tokenizer) return [];
  const length = opened.model.graph.symbols.tokens!.max;
  const windows = spreadWindows(calibrating, tokenizer, length + 1, mostWindows, 1);
  checkCalibration(windows, sources.calibration, length + 1);
  return windows.map((tokens) => ({ tokens: tokens.slice(0, -1), targets: tokens.slice(1) }));
}

/** Compares compressed weights with the dense ones. */
export async function measureQuality(
  device: Device,
  opened: OpenedFolder,
  weights: StateDict,
  windows: Awaited<ReturnType<typeof qualityWindows>>,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<Quality> {
  const options = { buckets: [], scoring };
  const dense = await loadLanguageModel(device, opened, options);
  try {
    const load = (): ReturnType<typeof loadLanguageModel> =>
      loadLanguageModel(device, { model: opened.model, weights }, options);
    const { rows } = await evaluate(
      { name: 'dense model', model: dense },
      [{ name: 'compressed', load }],
      windows,
      {
        signal,
        onProgress: (name, done, total) => progress.update(`${name}: scoring`, done, total),
      },
    );
    const [{ lossGap, kl }] = rows as [(typeof rows)[number]];
    return { windows: windows.length, lossGap, kl };
  } finally {
    dense.dispose();
  }
}
