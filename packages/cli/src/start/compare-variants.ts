import type { StateDict } from '@tilewright/kernels';
import { type LanguageModel, loadLanguageModel, scoring } from '@tilewright/models';
import type { Device } from '@tilewright/runtime';
import type { OpenedFolder } from '../model/open-folder.ts';
import { makeVariant } from '@tilewright/models/make-variant';
import { variants as namedVariants } from '@tilewright/models/variants';
import type { Exam } from './exam.ts';
import { measureVariant, type MeasureOptions, type VariantRow } from './measure-variant.ts';

export interface ComparisonOptions extends MeasureOptions {
  readonly onRow: (row: VariantRow) => void;
}

/** Makes every variant, measures it and lets go of it, one after the other. */
export async function compareVariants(
  device: Device,
  { model }: OpenedFolder,
  denseWeights: StateDict,
  exam: Exam,
  options: ComparisonOptions,
): Promise<readonly VariantRow[]> {
  const { onProgress, signal } = options;
  const variants: VariantRow[] = [];
  for (const named of namedVariants) {
    signal.throwIfAborted();
    const { weights, report } = await makeVariant(device, model, denseWeights, named, {
      windows: async () => exam.calibration,
      signal,
      onProgress: ({ done, total }) => onProgress(`${named.name}: compressing`, done, total),
    });
    const variant = { name: named.name, bitsPerWeight: report.bitsPerWeight };
    const row = await measureVariant(device, model, weights, variant, exam, options);
    variants.push(row);
    options.onRow(row);
  }
  return variants;
}

/** The dense model with everything that comparing needs. */
export const loadDense = (
  device: Device,
  { model, text }: OpenedFolder,
  weights: StateDict,
): Promise<LanguageModel> => loadLanguageModel(device, { model, weights, text }, { scoring });
