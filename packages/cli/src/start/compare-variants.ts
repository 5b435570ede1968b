import { basename } from 'node:path';
import type { StateDict } from '@tilewright/kernels';
import { type LanguageModel, loadLanguageModel, score, type TextTokenizer } from '@tilewright/models';
import type { Device } from '@tilewright/runtime';
import type { OpenedFolder } from '../model/open-folder.ts';
import { startToken } from '../model/load.ts';
import { heldOutWindows, spreadWindows, trainingText, writePassages } from '../model/texts.ts';
import { makeVariant, recipes } from '../model/variants.ts';
import { type Exam, measureVariant, type MeasureOptions, type VariantRow } from './measure-variant.ts';

/** Where the recipes' statistics come from. */
export type Calibration = 'the first 90 % of the training text' | 'passages the model wrote itself';

export interface ComparisonOptions extends MeasureOptions {
  /** All held-out windows instead of the first 64. */
  readonly full: boolean;
  readonly onRow: (row: VariantRow) => void;
}

const calibrationWindows = { quick: 16, full: 64 };
const examPassages = 4;
const quickHeldOutWindows = 64;

/** Makes every variant, measures it and lets go of it, one after the other. */
export async function compareVariants(
  device: Device,
  opened: OpenedFolder,
  dense: LanguageModel,
  denseWeights: StateDict,
  tokenizer: TextTokenizer | undefined,
  options: ComparisonOptions,
): Promise<{ readonly variants: readonly VariantRow[]; readonly calibration: Calibration }> {
  const { onProgress, signal, full } = options;
  const { model } = opened;
  const windowCount = full ? calibrationWindows.full : calibrationWindows.quick;
  const length = Math.min(dense.capacity, model.graph.symbols.tokens!.max);
  // The text belongs to the shipped model, wherever its folder lies.
  const texts = basename(opened.folder.name) === 'shakespeare-1m' ? await textsWith(tokenizer) : undefined;
  const start = startToken(opened, tokenizer);
  const writing = (stage: string) => ({
    signal,
    onProgress: (done: number, total: number) => onProgress(stage, done, total),
  });
  const exam: Exam = {
    passages: await withLogits(
      dense,
      await writePassages(
        dense,
        start,
        length,
        examPassages,
        writing('dense-f32 writes passages to compare on'),
      ),
    ),
    heldOut:
      texts && heldOutWindows(texts.heldOut, texts.tokenizer, length, full ? Infinity : quickHeldOutWindows),
  };
  const windows = texts
    ? spreadWindows(texts.training, texts.tokenizer, length, windowCount)
    : await writePassages(
        dense,
        start,
        length,
        windowCount,
        writing('dense-f32 writes passages to calibrate on'),
      );

  const variants: VariantRow[] = [];
  for (const recipe of recipes) {
    signal.throwIfAborted();
    const { weights, report } = await makeVariant(device, model, denseWeights, recipe, {
      windows,
      signal,
      onProgress: ({ done, total }) => onProgress(`${recipe.name}: compressing`, done, total),
    });
    const variant = { name: recipe.name, bitsPerWeight: report.bitsPerWeight };
    const row = await measureVariant(device, model, weights, variant, exam, options);
    variants.push(row);
    options.onRow(row);
  }
  return {
    variants,
    calibration: texts ? 'the first 90 % of the training text' : 'passages the model wrote itself',
  };
}

/** The training text with what cuts it into tokens, where both are there. */
async function textsWith(tokenizer: TextTokenizer | undefined) {
  const text = tokenizer && (await trainingText());
  return text && { ...text, tokenizer };
}

async function withLogits(dense: LanguageModel, passages: readonly number[][]): Promise<Exam['passages']> {
  const scored: { tokens: number[]; logits: Float32Array }[] = [];
  for (const tokens of passages)
    scored.push({ tokens, logits: (await score(dense, tokens, { logits: true })).logits! });
  return scored;
}

/** The dense model with everything that comparing needs. */
export const loadDense = (
  device: Device,
  { model, text }: OpenedFolder,
  weights: StateDict,
): Promise<LanguageModel> => loadLanguageModel(device, { model, weights, text }, { scoring: true });
